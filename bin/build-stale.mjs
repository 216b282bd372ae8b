// Builds what is missing in dist/, or older than its sources. Run by itself, or by npm start.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DESKTOP, EDITOR, isFresh, PROGRAMS } from './freshness.mjs';

/** Builds, and says so on stderr. False: something is missing and could not be built. */
export function buildStale(root) {
  const programs = [join(root, 'bin/build.mjs')];
  const editor = [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error'];
  const areProgramsFresh = isFresh(root, PROGRAMS) && isFresh(root, DESKTOP);
  return (
    (areProgramsFresh || build(root, 'Building the program', programs, [...PROGRAMS.outputs, ...DESKTOP.outputs])) &&
    (isFresh(root, EDITOR) || build(root, 'Building the editor (at the first start, and after changes to it)', editor, EDITOR.outputs))
  );
}

function build(root, what, command, outputs) {
  note(`${what} …`);
  const beganMs = performance.now();
  // Whoever builds may be a test, and what is built would be React for developers.
  const env = { ...process.env, NODE_ENV: 'production' };
  const { status } = spawnSync(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status === 0) {
    note(`  done in ${((performance.now() - beganMs) / 1000).toFixed(1)} s.`);
    return true;
  }
  const isThere = outputs.every((path) => existsSync(join(root, path)));
  note(
    isThere
      ? 'warning: That failed (see above). What was built before is used.'
      : 'error: That failed (see above). Run npm ci, then npm start again.',
  );
  return isThere;
}

function note(line) {
  process.stderr.write(`${line}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = buildStale(dirname(dirname(process.argv[1]))) ? 0 : 70;
}
