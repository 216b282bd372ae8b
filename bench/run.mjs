// `npm run bench -- NAME [arguments]`: bundles the benchmarks into dist/bench/ and runs one of them. Never part of the tests.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const entriesIn = (folder) =>
  readdirSync(join(root, 'bench', folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file.slice(0, -3)))
    .sort();
const names = [...entriesIn(''), ...entriesIn('fuzz')];
const [name, ...rest] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  console.error(`Usage: npm run bench -- NAME [arguments]. NAME is one of: ${names.join(', ')}. What each measures: docs/performance.md.`);
  process.exit(64);
}

const entries = [...names, 'measure/network-process'];
await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(entries.map((entry) => [entry, `bench/${entry}.ts`])),
  outdir: 'dist/bench',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});
// Benchmarks run the command line and the evaluator as people do, so these have to be up to date too.
const built = spawnSync(process.execPath, [join(root, 'bin/build.mjs')], { stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 70);

const ran = spawnSync(process.execPath, ['--enable-source-maps', join(root, 'dist/bench', `${name}.mjs`), ...rest], { stdio: 'inherit' });
process.exit(ran.status ?? 70);
