import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DEAD_MS = 120_000;

/** Builds the program and the editor in `dist/` where they are missing or stale. Test files that run side by side take turns. */
export async function buildShipped(): Promise<void> {
  const lock = join(tmpdir(), `emulsion-builds-${root.replace(/\W+/g, '-')}`);
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - since > DEAD_MS) rmSync(lock, { recursive: true, force: true });
      await sleep(200);
    }
  }
  try {
    await promisify(execFile)(process.execPath, [join(root, 'bin/build-stale.mjs')], { cwd: root });
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}
