import { measureValue } from './encode-value.ts';

/** A node's outputs by name. */
export type KeptOutputs = Readonly<Record<string, unknown>>;

/** Outputs of nodes by key, as many as fit into a number of bytes; the ones not used for longest go first. */
export interface MemoryCache {
  has(key: string): boolean;
  get(key: string): KeptOutputs | undefined;
  /** `bytes`: what they measure, if that is known. */
  put(key: string, outputs: KeptOutputs, bytes?: number): void;
  clear(): void;
  readonly bytes: number;
}

/** An empty cache. What is larger than the budget is not kept at all. */
export function createMemoryCache(budgetBytes: number): MemoryCache {
  // A Map keeps the order of insertion: the first entry is the one not used for longest.
  const entries = new Map<string, { readonly outputs: KeptOutputs; readonly bytes: number }>();
  let bytes = 0;
  const drop = (key: string): void => {
    bytes -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  };
  return {
    has: (key) => entries.has(key),
    get(key) {
      const found = entries.get(key);
      if (found === undefined) return undefined;
      entries.delete(key);
      entries.set(key, found);
      return found.outputs;
    },
    put(key, outputs, size = measureValue(outputs)) {
      drop(key);
      if (size > budgetBytes) return;
      entries.set(key, { outputs, bytes: size });
      bytes += size;
      for (const oldest of entries.keys()) {
        if (bytes <= budgetBytes) break;
        drop(oldest);
      }
    },
    clear() {
      entries.clear();
      bytes = 0;
    },
    get bytes() {
      return bytes;
    },
  };
}
