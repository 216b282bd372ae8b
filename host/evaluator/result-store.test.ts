import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { entryPath } from '../store/cache-folder.ts';
import { type DiskCache, openDiskCache } from '../store/disk-cache.ts';
import { createMemoryCache } from '../store/memory-cache.ts';
import { createResultStore, NO_RESULTS } from './result-store.ts';

let folder: string;
let disk: DiskCache;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-results-'));
  disk = openDiskCache({ folder, maxBytes: 1e8, warn: ({ message }) => expect.fail(message) });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const KEY = createHash('sha256').update('a').digest('hex');
const SMALL = { number: 1 };
const LARGE = { image: new Float32Array(5_000_000) };

it('keeps in memory, and on the disk what took long', async () => {
  const store = createResultStore(createMemoryCache(1e6), disk);
  store.keep(KEY, SMALL, 1000);
  expect(await store.load(KEY)).toBe(SMALL);
  await disk.flush();
  expect(await createResultStore(createMemoryCache(1e6), disk).load(KEY)).toEqual(SMALL);
});

it('writes the first at once, and then nothing in the middle of a short run', async () => {
  const store = createResultStore(createMemoryCache(1e6), disk);
  const keys = [KEY, ...['d', 'e'].map((digit) => KEY.replace(/^./, digit))];
  const written = (): boolean[] => keys.map((key) => disk.has(key));
  for (const key of keys) store.keep(key, SMALL, 400);
  await disk.flush();
  expect(written()).toEqual([true, false, false]);
  store.settle();
  await disk.flush();
  expect(written()).toEqual([true, true, true]);
});

it('does not let a second of work wait for the end of a long run', async () => {
  const store = createResultStore(createMemoryCache(1e6), disk);
  const keys = ['d', 'e', 'f', '1'].map((digit) => KEY.replace(/^./, digit));
  for (const key of keys) store.keep(key, SMALL, 500);
  await disk.flush();
  expect(keys.map((key) => disk.has(key))).toEqual([true, true, true, false]);
});

it('does not write what is computed as fast as it is read', async () => {
  const store = createResultStore(createMemoryCache(1e6), disk);
  store.keep(KEY, SMALL, 9);
  store.keep(KEY.replace(/^./, 'f'), LARGE, 90); // 20 MB take 100 ms
  store.settle();
  await disk.flush();
  expect(disk.has(KEY)).toBe(false);
  expect(disk.has(KEY.replace(/^./, 'f'))).toBe(false);
});

it('reads what memory has dropped from the disk, and what is read is in memory again', async () => {
  const memory = createMemoryCache(1e6);
  const store = createResultStore(memory, disk);
  store.keep(KEY, SMALL, 1000);
  await disk.flush();
  memory.clear();
  expect(store.has(KEY)).toBe(true);
  expect(await store.load(KEY)).toEqual(SMALL);
  expect(memory.has(KEY)).toBe(true);
});

it('gives up what was damaged on the disk', async () => {
  const store = createResultStore(createMemoryCache(0), disk);
  store.keep(KEY, SMALL, 1000);
  await disk.flush();
  await writeFile(entryPath(folder, KEY), 'nonsense');
  expect(store.has(KEY)).toBe(true);
  expect(await store.load(KEY)).toBeUndefined();
  expect(store.has(KEY)).toBe(false);
});

it('works without a disk, and without anything', async () => {
  const store = createResultStore(createMemoryCache(1e6), undefined);
  store.keep(KEY, SMALL, 1000);
  expect(await store.load(KEY)).toBe(SMALL);
  expect(await store.load('b')).toBeUndefined();
  NO_RESULTS.keep(KEY, SMALL, 1000);
  expect(NO_RESULTS.has(KEY)).toBe(false);
  expect(await NO_RESULTS.load(KEY)).toBeUndefined();
});
