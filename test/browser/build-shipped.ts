import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { takeTurn } from './take-turn.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DEAD_MS = 120_000;

/** Builds the program and the editor in `dist/` where they are missing or stale. Test files that run side by side take turns. */
export async function buildShipped(): Promise<void> {
  const release = await takeTurn(`emulsion-builds-${root.replace(/\W+/g, '-')}`, DEAD_MS);
  try {
    await promisify(execFile)(process.execPath, [join(root, 'bin/build-stale.mjs')], { cwd: root });
  } finally {
    release();
  }
}
