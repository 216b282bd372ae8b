type Entries = Readonly<Record<string, unknown>>;

/** What of a record's entries differs from another one's: those that are new, are gone, or are another value. */
export interface ChangedKeys {
  readonly keys: ReadonlySet<string>;
  /** Both have the same keys in the same order. */
  readonly isSameOrder: boolean;
}

const NONE: ChangedKeys = { keys: new Set(), isSameOrder: true };

/** Compares two records entry by entry, as the same values in the same places. */
export function changedKeys(before: Entries | undefined, after: Entries | undefined): ChangedKeys {
  if (before === after) return NONE;
  const [old, now] = [Object.keys(before ?? {}), Object.keys(after ?? {})];
  const keys = new Set<string>();
  let isSameOrder = old.length === now.length;
  for (const [at, key] of now.entries()) {
    if (old[at] !== key) isSameOrder = false;
    // Both are records with keys of their own, if they have any.
    if (before === undefined || before[key] !== after?.[key]) keys.add(key);
  }
  if (!isSameOrder) for (const key of old) if (after === undefined || !Object.hasOwn(after, key)) keys.add(key);
  return { keys, isSameOrder };
}
