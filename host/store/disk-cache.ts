import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename, rm, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Problem, warning } from '../../nodes/problem.ts';
import { type CacheEntry, dropLeftovers, entryPath, isEntryKey, listCacheEntries } from './cache-folder.ts';
import { decodeValue, encodeValue, measureValue } from './encode-value.ts';
import { makeFolder } from './make-folder.ts';
import type { KeptOutputs } from './memory-cache.ts';

/** Outputs of nodes by key in a folder: found again after a restart, bounded, shared by processes. Trouble with it never stops a run. */
export interface DiskCache {
  has(key: string): boolean;
  /** Undefined: not there, or damaged; then the entry is gone. */
  read(key: string): Promise<KeptOutputs | undefined>;
  /** Counts as reading for what is evicted first. */
  touch(key: string): void;
  /** Writes in the background, one entry after another; what the disk can't keep up with is not written. `bytes`: as in MemoryCache. */
  write(key: string, outputs: KeptOutputs, bytes?: number): void;
  /** Like `write`, for an entry whose content changes: what was there is gone. */
  replace(key: string, outputs: KeptOutputs): void;
  /** Resolves when everything given so far is written or given up. */
  flush(): Promise<void>;
}

/** What a disk cache needs to know. */
export interface DiskCacheOptions {
  readonly folder: string;
  readonly maxBytes: number;
  /** Told once when the folder can't be written to. */
  warn(problem: Problem): void;
}

/** After cleaning, this share of the bound is in use. */
const CLEANED_SHARE = 0.9;

/** Other processes write too, so the folder is measured anew after writing this share of the bound. */
const UNMEASURED_SHARE = 0.05;

/** What waits to be written stays in memory. */
const MOST_WAITING_BYTES = 2 ** 28;

/** Entries up to this size are written without the thread pool: waking its threads takes longer, and takes it from the next model call. */
const SMALL_BYTES = 2 ** 18;

/** After trouble, nothing is written for so long: the next attempt would fail like the last. */
const REST_MS = 60_000;

/** What was read within this time is not marked as read again: eviction goes by days, and each mark costs a system call. */
const TOUCH_INTERVAL_MS = 600_000;

/** Marks are forgotten all at once when they are so many; then entries are marked once more than needed. */
const MOST_MARKS = 10_000;

/** Opens a cache over a folder; the folder is made when the first entry is written. */
export function openDiskCache(options: DiskCacheOptions): DiskCache {
  const { folder, maxBytes } = options;
  let measured: { bytes: number; written: number } | undefined;
  let restsUntilMs = Number.NEGATIVE_INFINITY;
  let hasWarned = false;
  let waitingBytes = 0;
  let last: Promise<void> = Promise.resolve();
  const touchedMs = new Map<string, number>();

  const store = async (key: string, outputs: KeptOutputs): Promise<void> => {
    const path = entryPath(folder, key);
    if (Date.now() < restsUntilMs || existsSync(path)) return;
    try {
      const parts = encodeValue({ key, outputs });
      if (parts === undefined) return;
      const bytes = parts.reduce((sum, part) => sum + part.length, 0);
      if (bytes > maxBytes) return;
      if (!hasFolder(dirname(path))) await makeFolder(dirname(path));
      if (bytes > SMALL_BYTES) await writeWhole(path, parts);
      else writeWholeNow(path, parts);
      await keepBound(bytes);
    } catch (error) {
      restsUntilMs = Date.now() + REST_MS;
      if (!hasWarned) options.warn(explainTrouble(folder, error));
      hasWarned = true;
    }
  };

  const keepBound = async (bytes: number): Promise<void> => {
    if (measured === undefined) await dropLeftovers(folder, Date.now());
    if (measured === undefined || measured.written + bytes > maxBytes * UNMEASURED_SHARE) {
      measured = { bytes: sumBytes(await listCacheEntries(folder)), written: 0 };
    } else {
      measured = { bytes: measured.bytes + bytes, written: measured.written + bytes };
    }
    if (measured.bytes > maxBytes) measured = { bytes: await evict(folder, maxBytes * CLEANED_SHARE), written: 0 };
  };

  const touch = async (path: string): Promise<void> => {
    const now = new Date();
    if (now.getTime() - (touchedMs.get(path) ?? Number.NEGATIVE_INFINITY) < TOUCH_INTERVAL_MS) return;
    if (touchedMs.size >= MOST_MARKS) touchedMs.clear();
    touchedMs.set(path, now.getTime());
    // Only the order of eviction depends on it.
    await utimes(path, now, now).catch(() => undefined);
  };

  const enqueue = (key: string, outputs: KeptOutputs, bytes: number, before: () => Promise<void>): void => {
    if (!isEntryKey(key)) return;
    if (waitingBytes > 0 && waitingBytes + bytes > MOST_WAITING_BYTES) return;
    waitingBytes += bytes;
    last = last
      .then(before)
      .then(() => store(key, outputs))
      .finally(() => {
        waitingBytes -= bytes;
      });
  };

  return {
    has: (key) => isEntryKey(key) && existsSync(entryPath(folder, key)),
    async read(key) {
      const path = entryPath(folder, key);
      if (!existsSync(path)) return undefined;
      const bytes = await readWhole(path);
      const entry = bytes && decodeValue(bytes)?.value;
      // A file that was copied to this name from another is whole, and yet not the entry of this key.
      if (!isEntry(entry) || entry.key !== key) {
        await rm(path, { force: true, recursive: true }).catch(() => undefined);
        return undefined;
      }
      await touch(path);
      return entry.outputs;
    },
    touch(key) {
      if (isEntryKey(key)) void touch(entryPath(folder, key));
    },
    write: (key, outputs, bytes = measureValue(outputs)) => enqueue(key, outputs, bytes, async () => undefined),
    replace: (key, outputs) =>
      enqueue(key, outputs, measureValue(outputs), () => rm(entryPath(folder, key), { force: true }).catch(() => undefined)),
    flush: () => last,
  };
}

function isEntry(value: unknown): value is { readonly key: string; readonly outputs: KeptOutputs } {
  if (typeof value !== 'object' || value === null || !('key' in value) || !('outputs' in value)) return false;
  return typeof value.outputs === 'object' && value.outputs !== null && !Array.isArray(value.outputs);
}

function sumBytes(entries: readonly CacheEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.bytes, 0);
}

async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${randomUUID()}.partial`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      for (const part of parts) await handle.writeFile(part);
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** True where it is there by now; else folders above are missing, or the system's reason has to be found out. */
function hasFolder(path: string): boolean {
  if (existsSync(path)) return true;
  try {
    mkdirSync(path);
    return true;
  } catch {
    return false;
  }
}

function writeWholeNow(path: string, parts: readonly Uint8Array[]): void {
  const temporary = `${path}.${randomUUID()}.partial`;
  try {
    writeFileSync(temporary, Buffer.concat(parts), { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

async function readWhole(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      // An ArrayBuffer of its own, so that the arrays in it are aligned.
      const bytes = new Uint8Array(new ArrayBuffer(size));
      let done = 0;
      while (done < size) {
        const { bytesRead } = await handle.read(bytes, done, size - done, done);
        if (bytesRead === 0) return undefined;
        done += bytesRead;
      }
      return bytes;
    } finally {
      await handle.close();
    }
  } catch {
    // Whatever keeps an entry from being read, the work can be done anew.
    return undefined;
  }
}

/** Deletes the entries not used for longest until the rest is small enough; returns its size. */
async function evict(folder: string, targetBytes: number): Promise<number> {
  const entries = (await listCacheEntries(folder)).sort((a, b) => a.usedMs - b.usedMs);
  let bytes = sumBytes(entries);
  for (const entry of entries) {
    if (bytes <= targetBytes) break;
    await rm(entry.path, { force: true }).catch(() => undefined);
    bytes -= entry.bytes;
  }
  return bytes;
}

function explainTrouble(folder: string, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    const sentence = `The disk is full, so results are not kept for the next run (in ${folder}). Free some space, or run emulsion cache clear.`;
    return warning('file.diskFull', sentence);
  }
  const reason = code || (error instanceof Error ? error.message : String(error));
  const sentence = `Results could not be kept in ${folder} (${reason}), so the next run computes them again. Set EMULSION_CACHE_DIR to a folder that may be written to.`;
  return warning('file.writeFailed', sentence);
}
