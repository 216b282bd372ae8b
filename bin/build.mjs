// Bundles the command line and the evaluator into dist/. Packages stay outside: node resolves them from node_modules.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const CHUNKS = join(root, 'dist/chunks');
const KEEP_OLD_CHUNKS_MS = 600_000;

const result = await build({
  absWorkingDir: root,
  entryPoints: { emulsion: 'host/cli/main.ts', evaluator: 'host/evaluator/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  sourcemap: true,
  sourcesContent: false,
  write: false,
  logLevel: 'warning',
});

// Entry points last: what they import is there before they are.
const files = [...result.outputFiles].sort((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)));
for (const file of files) {
  await mkdir(dirname(file.path), { recursive: true });
  const temporary = `${file.path}.${randomUUID()}`;
  await writeFile(temporary, file.contents);
  await rename(temporary, file.path);
}
await dropOldChunks(new Set(files.map((file) => file.path)));

function isEntry(path) {
  return dirname(path) === join(root, 'dist');
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
