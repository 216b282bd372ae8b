// Runs every template and keeps a small picture of what it gives; of one that needs a model that is not bundled, a sketch of its graph.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const templates = join(root, 'graphs/templates');
const thumbs = join(templates, 'pictures/thumbs');
const WIDTH = 352;
const HEIGHT = 220;
const MAX_BYTES = 20_000;

await mkdir(thumbs, { recursive: true });
const wanted = process.argv.slice(2);
const names = (await readdir(templates)).filter((name) => name.endsWith('.json')).map((name) => basename(name, '.json'));
for (const name of wanted.length > 0 ? wanted : names) {
  const out = await mkdtemp(join(tmpdir(), 'emulsion-thumb-'));
  try {
    const path = await runTemplate(name, out);
    const picture = path === undefined ? sketch(JSON.parse(await readFile(join(templates, `${name}.json`), 'utf8'))) : await readFile(path);
    const bytes = await shrink(picture);
    await writeFile(join(thumbs, `${name}.webp`), bytes);
    console.log(`${name}: ${path === undefined ? 'a sketch' : 'its last picture'}, ${bytes.length} bytes`);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** The last picture file that a template leaves; undefined: it can't be run here. */
async function runTemplate(name, out) {
  const child = spawn(process.execPath, [join(root, 'dist/emulsion.mjs'), 'run', name, '--out', out, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (part) => {
    text += part;
  });
  const code = await new Promise((done) => child.once('exit', done));
  if (code !== 0) return undefined;
  const events = text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  return events.findLast((event) => event.event === 'result' && event.result.kind === 'file')?.result.path;
}

/** As large as fits, and small enough to be sent with every list of templates. */
async function shrink(picture) {
  for (let quality = 84; quality > 20; quality -= 8) {
    const bytes = await sharp(picture)
      .resize({ width: WIDTH, height: HEIGHT, fit: 'inside', kernel: 'lanczos3' })
      .webp({ quality })
      .toBuffer();
    if (bytes.length <= MAX_BYTES) return bytes;
  }
  throw new Error('a thumbnail does not get small enough');
}

/** Nodes as boxes and wires between them, where the template has them. */
function sketch({ nodes, edges, layout }) {
  const [width, height] = [230, 110];
  const at = Object.fromEntries(Object.keys(nodes).map((id) => [id, layout?.positions?.[id] ?? { x: 0, y: 0 }]));
  const [xs, ys] = [Object.values(at).map(({ x }) => x), Object.values(at).map(({ y }) => y)];
  const [left, top] = [Math.min(...xs) - 60, Math.min(...ys) - 60];
  const [wide, high] = [Math.max(...xs) + width + 60 - left, Math.max(...ys) + height + 60 - top];
  const scale = Math.max(wide / WIDTH, high / HEIGHT);
  const box = [left - (WIDTH * scale - wide) / 2, top - (HEIGHT * scale - high) / 2, WIDTH * scale, HEIGHT * scale];
  const wires = Object.values(edges).map(({ from, to }) => {
    const [a, b] = [at[from.node], at[to.node]];
    const [x1, y1, x2, y2] = [a.x + width, a.y + height / 2, b.x, b.y + height / 2];
    return `<path d="M${x1} ${y1}C${x1 + 70} ${y1} ${x2 - 70} ${y2} ${x2} ${y2}" fill="none" stroke="#c46a26" stroke-width="7"/>`;
  });
  const boxes = Object.values(at).map(
    ({ x, y }) =>
      `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="14" fill="#fff" stroke="#a9a9a4" stroke-width="5"/>` +
      `<rect x="${x + 22}" y="${y + 24}" width="${width * 0.55}" height="14" rx="7" fill="#8d8e94"/>`,
  );
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="${box.join(' ')}">` +
      `<rect x="${box[0]}" y="${box[1]}" width="${box[2]}" height="${box[3]}" fill="#eeeeec"/>${wires.join('')}${boxes.join('')}</svg>`,
  );
}
