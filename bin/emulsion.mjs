#!/usr/bin/env node
// Runs the bundled command line. In a checkout it is bundled anew when a source is newer than the bundle.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bundle = join(root, 'dist/emulsion.mjs');
const SOURCES = ['nodes', 'graphs', 'models', 'host'];

if (!existsSync(bundle) || hasNewerSource(statSync(bundle).mtimeMs)) {
  const built = spawnSync(process.execPath, [join(root, 'bin/build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (built.status !== 0) {
    process.stderr.write('error: Emulsion could not be built from its sources (see above). Run npm ci, then npm run build.\n');
    process.exit(70);
  }
}
await import(pathToFileURL(bundle).href);

function hasNewerSource(builtMs) {
  if (!existsSync(join(root, 'host/cli/main.ts'))) return false;
  return SOURCES.some((folder) => isNewer(join(root, folder), builtMs)) || statSync(join(root, 'bin/build.mjs')).mtimeMs > builtMs;
}

function isNewer(folder, builtMs) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'packs' && entry.name !== 'training' && isNewer(path, builtMs)) return true;
    } else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') && statSync(path).mtimeMs > builtMs) {
      return true;
    }
  }
  return false;
}
