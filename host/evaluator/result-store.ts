import { createHash } from 'node:crypto';
import type { DiskCache } from '../store/disk-cache.ts';
import { measureValue } from '../store/encode-value.ts';
import type { KeptOutputs, MemoryCache } from '../store/memory-cache.ts';

/** Below this, computing is as good as reading. */
const WORTH_KEEPING_MS = 10;

/** A disk that is read at 200 MB/s; what is computed faster than it could be read is not written. */
const DISK_BYTES_PER_MS = 200_000;

/** So much work may be lost with the process before it is on the disk; nothing is written in the middle of shorter runs. */
const MOST_LOST_MS = 1000;

/** Outputs of nodes that need not be computed again: in memory, and on the disk where that is worth it. */
export interface ResultStore {
  has(key: string): boolean;
  /** Undefined: not there any more, or damaged; then `has` says so from now on. */
  load(key: string): Promise<KeptOutputs | undefined>;
  /** `durationMs`: what computing them took. */
  keep(key: string, outputs: KeptOutputs, durationMs: number): void;
  /** Has the disk take what waits for a run to be over. */
  settle(): void;
  /**
   * While the first entry is on its way to the disk, resolves when it is there or given up: a run that waits for it tells of trouble with
   * the disk. Undefined: there is nothing to wait for.
   */
  firstWritten(): Promise<void> | undefined;
  /** Where work was when it was cancelled, if it was kept. */
  loadUnfinished(key: string): Promise<UnfinishedWork | undefined>;
  keepUnfinished(key: string, work: UnfinishedWork): void;
}

/** Work that was cancelled: which item of the node's list, and the state that it saved; plain data. */
export interface UnfinishedWork {
  readonly item: number;
  readonly state: unknown;
}

/** Joins the two caches; `disk` undefined: memory only. */
export function createResultStore(memory: MemoryCache, disk: DiskCache | undefined): ResultStore {
  const waiting: { readonly key: string; readonly outputs: KeptOutputs; readonly bytes: number }[] = [];
  // The first entry does not wait, so that trouble with the disk is told in its run.
  let waitingMs = MOST_LOST_MS;
  let first: Promise<void> | undefined;
  let isWritten = false;
  const settle = (): void => {
    waitingMs = 0;
    if (waiting.length === 0) return;
    for (const { key, outputs, bytes } of waiting.splice(0)) disk?.write(key, outputs, bytes);
    first ??= disk?.flush().finally(() => {
      isWritten = true;
    });
  };
  return {
    settle,
    firstWritten: () => (isWritten ? undefined : first),
    has: (key) => memory.has(key) || disk?.has(key) === true,
    async load(key) {
      const near = memory.get(key);
      if (near !== undefined) {
        disk?.touch(key);
        return near;
      }
      const far = await disk?.read(key);
      if (far !== undefined) memory.put(key, far);
      return far;
    },
    keep(key, outputs, durationMs) {
      const bytes = measureValue(outputs);
      memory.put(key, outputs, bytes);
      if (disk === undefined || durationMs < WORTH_KEEPING_MS || durationMs * DISK_BYTES_PER_MS < bytes) return;
      waiting.push({ key, outputs, bytes });
      waitingMs += durationMs;
      if (waitingMs >= MOST_LOST_MS) settle();
    },
    async loadUnfinished(key) {
      const own = unfinishedKey(key);
      const found = memory.get(own) ?? (await disk?.read(own));
      const { item, state } = found ?? {};
      return typeof item === 'number' ? { item, state } : undefined;
    },
    keepUnfinished(key, work) {
      const own = unfinishedKey(key);
      memory.put(own, { ...work });
      disk?.replace(own, { ...work });
    },
  };
}

/** Beside the key of the finished result, so that neither is taken for the other. */
function unfinishedKey(key: string): string {
  return createHash('sha256').update(`unfinished ${key}`).digest('hex');
}

/** Keeps nothing and has nothing: for runs without a cache. */
export const NO_RESULTS: ResultStore = {
  has: () => false,
  load: () => Promise.resolve(undefined),
  keep: () => undefined,
  settle: () => undefined,
  firstWritten: () => undefined,
  loadUnfinished: () => Promise.resolve(undefined),
  keepUnfinished: () => undefined,
};
