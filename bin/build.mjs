// Bundles the command line, the evaluator and the desktop program into dist/. Most packages stay outside: node resolves them from node_modules.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const CHUNKS = join(root, 'dist/chunks');
const KEEP_OLD_CHUNKS_MS = 600_000;

/** Come in dozens of small modules, which take longer to find than to run. All are modules without anything native. */
const BUNDLED = new Set(['zod', '@bufbuild/protobuf', 'immer', '@huggingface/tokenizers']);
/** zod exports the sentences of fifty languages as one object, which nothing can shake out; the program's own are in English. */
const englishOnly = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export { default as en } from './en.js';" }));
  },
};
const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

const common = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false,
  write: false,
  logLevel: 'warning',
};
const [programs, preload] = await Promise.all([
  build({
    ...common,
    entryPoints: { emulsion: 'host/cli/main.ts', evaluator: 'host/evaluator/main.ts', 'electron/main': 'electron/main.ts' },
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    plugins: [englishOnly],
    external: ['electron', ...Object.keys(dependencies).filter((name) => !BUNDLED.has(name))],
    format: 'esm',
  }),
  // A sandboxed preload script is one file that may require electron and nothing else.
  build({
    ...common,
    entryPoints: { 'electron/preload': 'electron/preload.ts' },
    outExtension: { '.js': '.cjs' },
    external: ['electron'],
    format: 'cjs',
  }),
]);
const outputFiles = [...programs.outputFiles, ...preload.outputFiles];

// Entry points last: what they import is there before they are.
const files = outputFiles.sort((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)));
for (const file of files) {
  await mkdir(dirname(file.path), { recursive: true });
  const temporary = `${file.path}.${randomUUID()}`;
  await writeFile(temporary, file.contents);
  await rename(temporary, file.path);
}
await dropOldChunks(new Set(files.map((file) => file.path)));

function isEntry(path) {
  return dirname(path) !== CHUNKS;
}

/** A process that started from the last build may still load its chunks, so they stay for a while. */
async function dropOldChunks(current) {
  const names = await readdir(CHUNKS).catch(() => []);
  for (const name of names) {
    const path = join(CHUNKS, name);
    if (current.has(path)) continue;
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > KEEP_OLD_CHUNKS_MS) await rm(path, { force: true });
  }
}
