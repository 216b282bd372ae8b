import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { claimFolder } from './state-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'emulsion-state-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('gives a folder to one process at a time, and takes over from a dead one', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  writeFileSync(join(folder, 'in-use'), `${other.pid}\n`);
  expect(claimFolder(folder)).toEqual({ takenBy: other.pid });
  other.kill('SIGKILL');
  await once(other, 'exit');
  const claim = claimFolder(folder);
  expect('release' in claim).toBe(true);
  if ('release' in claim) claim.release();
  writeFileSync(join(folder, 'in-use'), 'no process id');
  expect('release' in claimFolder(folder)).toBe(true);
});
