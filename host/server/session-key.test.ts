import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSessionKey, SESSION_FILE } from './session-key.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'emulsion-session-')), 'state');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const path = (): string => join(folder, SESSION_FILE);
async function key(isNew = false): Promise<string> {
  const opened = await openSessionKey(folder, isNew);
  if (!opened.ok) throw new Error(opened.problem.message);
  expect(opened.value).toHaveLength(32);
  return Buffer.from(opened.value).toString('hex');
}

it('is the same at every start, in a file that only its owner can read', async () => {
  const first = await key();
  expect(await key()).toBe(first);
  if (process.platform !== 'win32') expect((await stat(path())).mode & 0o777).toBe(0o600);
});

it('is another one when that is asked for, or when the file was deleted', async () => {
  const first = await key();
  const second = await key(true);
  expect(second).not.toBe(first);
  expect(await key()).toBe(second);
  await rm(path());
  expect([first, second]).not.toContain(await key());
});

it.runIf(process.platform !== 'win32')('that others could have read is replaced', async () => {
  const first = await key();
  await chmod(path(), 0o640);
  expect(await key()).not.toBe(first);
  expect((await stat(path())).mode & 0o777).toBe(0o600);
});

it('that is damaged is replaced', async () => {
  const first = await key();
  await writeFile(path(), first.slice(0, 10));
  expect(await key()).not.toBe(first);
  expect((await readFile(path(), 'utf8')).trim()).toHaveLength(64);
});

it('that can’t be kept is a problem with a sentence', async () => {
  await writeFile(folder, 'no folder');
  expect(await openSessionKey(folder, false)).toMatchObject({
    ok: false,
    problem: { severity: 'warning', message: expect.stringContaining(SESSION_FILE) },
  });
});
