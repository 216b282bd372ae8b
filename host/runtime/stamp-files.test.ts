import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stampFiles } from './stamp-files.ts';

let folder = '';
const LATER_MS = 10_000;
const stamp = (...paths: string[]): string | undefined => stampFiles(paths.length === 0 ? [folder] : paths, Date.now() + LATER_MS);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emulsion-stamp-'));
  mkdirSync(join(folder, 'unet'));
  writeFileSync(join(folder, 'unet/config.json'), '{"a":1}');
  writeFileSync(join(folder, 'model_index.json'), '{}');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('stays the same while nothing changes', () => {
  expect(stamp()).toBeDefined();
  expect(stamp()).toBe(stamp());
});

it.each<[string, () => void]>([
  ['written anew', () => writeFileSync(join(folder, 'unet/config.json'), '{"a":22}')],
  [
    'written anew in the same length and with its old time',
    () => {
      writeFileSync(join(folder, 'unet/config.json'), '{"a":2}');
      utimesSync(join(folder, 'unet/config.json'), 1, 1);
    },
  ],
  ['added', () => writeFileSync(join(folder, 'unet/more.json'), '')],
  ['taken away', () => rmSync(join(folder, 'model_index.json'))],
  ['renamed', () => renameSync(join(folder, 'model_index.json'), join(folder, 'index.json'))],
])('differs when a file was %s', (_, change) => {
  utimesSync(join(folder, 'unet/config.json'), 1, 1);
  const before = stamp();
  change();
  expect(stamp()).not.toBe(before);
});

it('looks through links at what they lead to', () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'emulsion-stamp-'));
  try {
    writeFileSync(join(elsewhere, 'weights'), 'old');
    symlinkSync(join(elsewhere, 'weights'), join(folder, 'unet/weights'));
    const before = stamp();
    writeFileSync(join(elsewhere, 'weights'), 'newer');
    expect(stamp()).not.toBe(before);
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
});

it('says nothing of what has only just changed, is missing, lies deep or is too much', () => {
  expect(stampFiles([folder], Date.now())).toBeUndefined();
  expect(stamp(join(folder, 'missing'))).toBeUndefined();
  mkdirSync(join(folder, 'unet/deep/deeper'), { recursive: true });
  expect(stamp()).toBeUndefined();
  rmSync(join(folder, 'unet/deep'), { recursive: true });
  for (let index = 0; index < 250; index++) writeFileSync(join(folder, `${index}`), '');
  expect(stamp()).toBeUndefined();
});
