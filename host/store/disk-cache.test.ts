import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Problem } from '../../nodes/problem.ts';
import { clearCacheFolder, dropLeftovers, entryPath, listCacheEntries } from './cache-folder.ts';
import { type DiskCache, openDiskCache } from './disk-cache.ts';

let folder: string;
let warnings: Problem[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-cache-'));
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (maxBytes = 1e6, at = folder): DiskCache => openDiskCache({ folder: at, maxBytes, warn: (problem) => warnings.push(problem) });
const keyOf = (name: string): string => createHash('sha256').update(name).digest('hex');
const outputs = (value: number, floats = 100) => ({
  image: { dtype: 'float32', shape: [floats], data: new Float32Array(floats).fill(value) },
});
const sizeOfAll = async (): Promise<number> => (await listCacheEntries(folder)).reduce((sum, one) => sum + one.bytes, 0);

async function put(cache: DiskCache, name: string, floats = 100): Promise<void> {
  cache.write(keyOf(name), outputs(name.length, floats));
  await cache.flush();
}

describe('the disk cache', () => {
  it('is found again by another process', async () => {
    await put(open(), 'a');
    const again = open();
    expect(again.has(keyOf('a'))).toBe(true);
    expect(await again.read(keyOf('a'))).toStrictEqual(outputs(1));
    expect(again.has(keyOf('b'))).toBe(false);
    expect(await again.read(keyOf('b'))).toBeUndefined();
  });

  it('makes its folder when it first writes', async () => {
    const deep = join(folder, 'not', 'yet');
    const cache = open(1e6, deep);
    expect(cache.has(keyOf('a'))).toBe(false);
    await expect(stat(deep)).rejects.toThrow(/ENOENT/);
    await put(cache, 'a');
    expect(cache.has(keyOf('a'))).toBe(true);
  });

  it('stays within its bound and drops what was not used for longest', async () => {
    const cache = open(6_000);
    for (const name of ['a', 'b', 'c', 'd', 'e']) await put(cache, name, 250);
    const hour = (count: number): Date => new Date(Date.now() - count * 3_600_000);
    for (const [at, name] of ['a', 'b', 'c', 'd', 'e'].entries()) await utimes(entryPath(folder, keyOf(name)), hour(9 - at), hour(9 - at));
    await cache.read(keyOf('a'));
    await put(cache, 'f', 250);
    expect(['a', 'b', 'c', 'd', 'e', 'f'].filter((name) => cache.has(keyOf(name)))).toEqual(['a', 'd', 'e', 'f']);
    expect(await sizeOfAll()).toBeLessThanOrEqual(6_000);
  });

  it('does not keep what is larger than all of it', async () => {
    const cache = open(1_000);
    await put(cache, 'a', 10_000);
    expect(cache.has(keyOf('a'))).toBe(false);
    expect(warnings).toEqual([]);
  });

  it('passes over what is no plain data, and goes on', async () => {
    const cache = open();
    cache.write(keyOf('f'), { f: () => 1 });
    const ring: Record<string, unknown> = {};
    ring['self'] = ring;
    cache.write(keyOf('ring'), ring);
    await put(cache, 'a');
    expect(cache.has(keyOf('a'))).toBe(true);
    expect(cache.has(keyOf('f'))).toBe(false);
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['empty', (path) => writeFile(path, '')],
    ['cut off', async (path) => writeFile(path, (await readFile(path)).subarray(0, -1))],
    ['longer', async (path) => writeFile(path, Buffer.concat([await readFile(path), Buffer.alloc(8)]))],
    ['changed', async (path) => writeFile(path, (await readFile(path)).fill(1, 200, 201))],
    ['something else', (path) => writeFile(path, 'GIF89a, or whatever')],
    ['a copy of another entry', (path) => copyFile(entryPath(folder, keyOf('other')), path)],
    ['a folder', async (path) => rm(path).then(() => mkdir(join(path, 'inner'), { recursive: true }))],
    ['a link to nothing', async (path) => rm(path).then(() => symlink('/nowhere/at/all', path))],
    ['a link to a device', async (path) => rm(path).then(() => symlink('/dev/zero', path))],
  ])('an entry that is %s is dropped and can be written again', async (_what, damage) => {
    const cache = open();
    await put(cache, 'a');
    await put(cache, 'other');
    await damage(entryPath(folder, keyOf('a')));
    expect(await cache.read(keyOf('a'))).toBeUndefined();
    expect(cache.has(keyOf('a'))).toBe(false);
    await put(cache, 'a');
    expect(await cache.read(keyOf('a'))).toStrictEqual(outputs(1));
    expect(warnings).toEqual([]);
  });

  it('ignores keys that are none', async () => {
    const cache = open();
    cache.write('../../escape', outputs(1));
    await cache.flush();
    expect(cache.has('../../escape')).toBe(false);
    expect(await listCacheEntries(folder)).toEqual([]);
  });

  it('says once that it can’t write, and nothing stops', async () => {
    const blocked = join(folder, 'file');
    await writeFile(blocked, '');
    const cache = open(1e6, blocked);
    await put(cache, 'a');
    await put(cache, 'b');
    expect(await cache.read(keyOf('a'))).toBeUndefined();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ code: 'file.writeFailed', severity: 'warning' });
    expect(warnings[0]!.message).toMatch(/EMULSION_CACHE_DIR/);
  });

  it('does not let writing fall behind without limit', async () => {
    const cache = open(1e9);
    // Six times 80 MB at once; 256 MiB may wait.
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) cache.write(keyOf(name), { data: new Float32Array(2e7) });
    await cache.flush();
    expect(['a', 'b', 'c', 'd', 'e', 'f'].filter((name) => cache.has(keyOf(name)))).toEqual(['a', 'b', 'c']);
  });
});

describe('the cache folder', () => {
  it('is cleared of entries and leftovers, and of nothing else', async () => {
    const cache = open();
    await put(cache, 'a');
    await writeFile(`${entryPath(folder, keyOf('a'))}.1234.partial`, 'half');
    const foreign = join(dirname(entryPath(folder, keyOf('a'))), 'notes.txt');
    await writeFile(foreign, 'mine');
    await writeFile(join(folder, 'mine.txt'), 'mine');
    expect(await clearCacheFolder(folder)).toMatchObject({ entries: 1 });
    expect(await listCacheEntries(folder)).toEqual([]);
    expect(await readFile(foreign, 'utf8')).toBe('mine');
    expect(await readFile(join(folder, 'mine.txt'), 'utf8')).toBe('mine');
    expect(await clearCacheFolder(join(folder, 'nowhere'))).toEqual({ entries: 0, bytes: 0 });
  });

  it('loses leftovers only when they are old', async () => {
    await put(open(), 'a');
    const half = `${entryPath(folder, keyOf('a'))}.1234.partial`;
    await writeFile(half, 'half');
    await dropLeftovers(folder, Date.now());
    await stat(half);
    await dropLeftovers(folder, Date.now() + 2 * 3_600_000);
    await expect(stat(half)).rejects.toThrow(/ENOENT/);
  });

  it('can be read-only', async () => {
    await put(open(), 'a');
    await chmod(folder, 0o500);
    expect(await open().read(keyOf('a'))).toStrictEqual(outputs(1));
    await chmod(folder, 0o700);
  });
});

it('two processes share a folder: neither breaks, and it stays bounded', async () => {
  const script = join(folder, 'writer.mjs');
  await build({
    stdin: {
      contents: `
        import { createHash } from 'node:crypto';
        import { openDiskCache } from './disk-cache.ts';
        const [folder, first] = process.argv.slice(2);
        const warnings = [];
        const cache = openDiskCache({ folder, maxBytes: 100_000, warn: (problem) => warnings.push(problem.message) });
        const keyOf = (at) => createHash('sha256').update(String(at)).digest('hex');
        let wrong = 0;
        // Half of the keys are the other's, too.
        for (let at = Number(first); at < Number(first) + 120; at++) {
          cache.write(keyOf(at), { data: new Float32Array(1000).fill(at) });
          await cache.flush();
          const found = await cache.read(keyOf(at - 3));
          if (found !== undefined && found.data.some((one) => one !== at - 3)) wrong += 1;
        }
        process.send({ warnings, wrong });
        process.disconnect();
      `,
      resolveDir: import.meta.dirname,
      loader: 'ts',
    },
    outfile: script,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  const shared = join(folder, 'shared');
  const answers = await Promise.all(
    ['0', '60'].map(
      (first) =>
        new Promise((resolve, reject) => {
          const child = fork(script, [shared, first], { execArgv: [] });
          let answer: unknown;
          child.on('message', (message) => {
            answer = message;
          });
          child.on('error', reject);
          child.on('close', (code) => resolve({ code, answer }));
        }),
    ),
  );
  const fine = { code: 0, answer: { warnings: [], wrong: 0 } };
  expect(answers).toEqual([fine, fine]);
  const bytes = (await listCacheEntries(shared)).reduce((sum, one) => sum + one.bytes, 0);
  expect(bytes).toBeLessThanOrEqual(110_000);
  expect(bytes).toBeGreaterThan(50_000);
});
