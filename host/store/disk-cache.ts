import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Problem, warning } from '../../nodes/problem.ts';
import { dropLeftovers, entryPath, isEntryKey, listCacheEntries } from './cache-folder.ts';
import { decodeValue, encodeValue } from './encode-value.ts';
import type { KeptOutputs } from './memory-cache.ts';

/** Outputs of nodes by key in a folder: found again after a restart, bounded, shared by processes. Trouble with it never stops a run. */
export interface DiskCache {
  has(key: string): boolean;
  /** Undefined: not there, or damaged; then the entry is gone. */
  read(key: string): Promise<KeptOutputs | undefined>;
  /** Writes in the background, one entry after another. */
  write(key: string, outputs: KeptOutputs): void;
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

/** Opens a cache over a folder; the folder is made when the first entry is written. */
export function openDiskCache(options: DiskCacheOptions): DiskCache {
  const { folder, maxBytes } = options;
  let usedBytes: number | undefined;
  let isBroken = false;
  let last: Promise<void> = Promise.resolve();

  const store = async (key: string, outputs: KeptOutputs): Promise<void> => {
    const path = entryPath(folder, key);
    if (isBroken || existsSync(path)) return;
    const parts = encodeValue(outputs);
    if (parts === undefined) return;
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    if (bytes > maxBytes) return;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeWhole(path, parts);
      if (usedBytes === undefined) {
        await dropLeftovers(folder, Date.now());
        usedBytes = (await listCacheEntries(folder)).reduce((sum, entry) => sum + entry.bytes, 0);
      } else {
        usedBytes += bytes;
      }
      if (usedBytes > maxBytes) usedBytes = await evict(folder, maxBytes * CLEANED_SHARE);
    } catch (error) {
      isBroken = true;
      options.warn(explainTrouble(folder, error));
    }
  };

  return {
    has: (key) => isEntryKey(key) && existsSync(entryPath(folder, key)),
    async read(key) {
      const path = entryPath(folder, key);
      const bytes = await readWhole(path);
      const found = bytes && decodeValue(bytes);
      if (found === undefined) {
        await rm(path, { force: true }).catch(() => undefined);
        return undefined;
      }
      const now = new Date();
      // Only the order of eviction depends on it.
      await utimes(path, now, now).catch(() => undefined);
      return found.value as KeptOutputs; // the checksum says that `write` wrote it
    },
    write(key, outputs) {
      if (isEntryKey(key)) last = last.then(() => store(key, outputs));
    },
    flush: () => last,
  };
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
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  for (const entry of entries) {
    if (bytes <= targetBytes) break;
    await rm(entry.path, { force: true }).catch(() => undefined);
    bytes -= entry.bytes;
  }
  return bytes;
}

function explainTrouble(folder: string, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const sentence = `The disk is full, so results are not kept for the next run (in ${folder}). Free some space, or run emulsion cache clear.`;
    return warning('file.diskFull', sentence);
  }
  const reason = code || (error instanceof Error ? error.message : String(error));
  const sentence = `Results could not be kept in ${folder} (${reason}), so the next run computes them again. Set EMULSION_CACHE_DIR to a folder that may be written to.`;
  return warning('file.writeFailed', sentence);
}
