/** Values by key; a change wakes only those who look at that key. */
export interface KeyedStore<V> {
  get(key: string): V | undefined;
  /** Undefined removes the value. */
  set(key: string, value: V | undefined): void;
  subscribe(key: string, listener: () => void): () => void;
  /** Told the key of every change. */
  subscribeAll(listener: (key: string) => void): () => void;
  entries(): Iterable<readonly [string, V]>;
  clear(): void;
}

/** A store with nothing in it. */
export function createKeyedStore<V>(): KeyedStore<V> {
  const values = new Map<string, V>();
  const listeners = new Map<string, Set<() => void>>();
  const everyone = new Set<(key: string) => void>();
  const wake = (key: string): void => {
    for (const listener of listeners.get(key) ?? []) listener();
    for (const listener of everyone) listener(key);
  };
  return {
    get: (key) => values.get(key),
    set(key, value) {
      if (values.get(key) === value) return;
      if (value === undefined) values.delete(key);
      else values.set(key, value);
      wake(key);
    },
    subscribe(key, listener) {
      const those = listeners.get(key) ?? new Set();
      listeners.set(key, those.add(listener));
      return () => {
        those.delete(listener);
        if (those.size === 0) listeners.delete(key);
      };
    },
    subscribeAll(listener) {
      everyone.add(listener);
      return () => everyone.delete(listener);
    },
    entries: () => values.entries(),
    clear() {
      const keys = [...values.keys()];
      values.clear();
      for (const key of keys) wake(key);
    },
  };
}
