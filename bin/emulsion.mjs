#!/usr/bin/env node
// Runs the bundled command line. In a checkout it is bundled anew when a source is newer than the bundle.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isFresh, PROGRAMS } from './freshness.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (!isFresh(root, PROGRAMS)) {
  const built = spawnSync(process.execPath, [join(root, 'bin/build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (built.status !== 0) {
    process.stderr.write('error: Emulsion could not be built from its sources (see above). Run npm ci, then npm run build.\n');
    process.exit(70);
  }
}
await import(pathToFileURL(join(root, 'dist/emulsion.mjs')).href);
