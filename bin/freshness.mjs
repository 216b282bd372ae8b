// Tells whether what was built is as new as what it was built from.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = /\.(?:ts|tsx|css|html|svg|json)$/;
const NOT_BUILT_FROM = new Set(['packs', 'training', 'templates', 'node_modules']);

/** The bundles of the command line and the evaluator, and what they are made of. */
export const PROGRAMS = {
  outputs: ['dist/emulsion.mjs', 'dist/evaluator.mjs'],
  sources: ['nodes', 'graphs', 'models', 'host', 'bin/build.mjs'],
  proof: 'host/cli/main.ts',
};

/** The desktop program's, which are built with them. */
export const DESKTOP = {
  outputs: ['dist/electron/main.mjs', 'dist/electron/preload.cjs'],
  sources: [...PROGRAMS.sources, 'electron'],
  proof: 'electron/main.ts',
};

/** The editor's page. */
export const EDITOR = {
  outputs: ['dist/renderer/index.html'],
  sources: ['nodes', 'graphs', 'host', 'renderer', 'vite.config.ts', 'package-lock.json', 'bin/build-stale.mjs'],
  proof: 'renderer/index.html',
};

/** False when something is missing or older than its sources. Where there are no sources, as in a package, only what is missing counts. */
export function isFresh(root, { outputs, sources, proof }) {
  const built = outputs.map((output) => join(root, output));
  if (!built.every(existsSync)) return false;
  if (!existsSync(join(root, proof))) return true;
  const builtMs = Math.min(...built.map((path) => statSync(path).mtimeMs));
  return !sources.some((source) => isNewer(join(root, source), builtMs));
}

function isNewer(path, builtMs) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (!found.isDirectory()) return found.mtimeMs > builtMs;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      if (!NOT_BUILT_FROM.has(entry.name) && isNewer(join(path, entry.name), builtMs)) return true;
    } else if (SOURCE.test(entry.name) && !/\.test\.tsx?$/.test(entry.name) && isNewer(join(path, entry.name), builtMs)) {
      return true;
    }
  }
  return false;
}
