type Entries = Readonly<Record<string, unknown>>;

/** What of a record's entries differs from another one's: those that are new, are gone, or are another value. */
export interface ChangedKeys {
  readonly keys: ReadonlySet<string>;
  /** Both have the same keys in the same order. */
  readonly isSameOrder: boolean;
}

const NONE: ChangedKeys = { keys: new Set(), isSameOrder: true };

/** What was compared last with each record: after one edit several ask the same. */
const known = new WeakMap<Entries, { readonly before: Entries | undefined; readonly changed: ChangedKeys }>();

/** Compares two records entry by entry, as the same values in the same places. */
export function changedKeys(before: Entries | undefined, after: Entries | undefined): ChangedKeys {
  if (before === after) return NONE;
  const found = after && known.get(after);
  if (found !== undefined && found.before === before) return found.changed;
  const changed = compare(before ?? {}, after ?? {});
  if (after !== undefined) known.set(after, { before, changed });
  // Else each would keep the one before it alive.
  if (before !== undefined) known.delete(before);
  return changed;
}

/** Says what has changed between two records where that is known, so that nobody need compare them: an edit says what it has set. */
export function tellChangedKeys(before: Entries, after: Entries, keys: ReadonlySet<string>): void {
  if (before !== after) known.set(after, { before, changed: { keys, isSameOrder: true } });
  known.delete(before);
}

function compare(before: Entries, after: Entries): ChangedKeys {
  const [old, now] = [Object.keys(before), Object.keys(after)];
  const keys = new Set<string>();
  let isSameOrder = old.length === now.length;
  for (let at = 0; at < now.length; at++) {
    const key = now[at] ?? '';
    if (old[at] !== key) isSameOrder = false;
    if (before[key] !== after[key]) keys.add(key);
  }
  if (isSameOrder) return { keys, isSameOrder };
  for (const key of now) if (!Object.hasOwn(before, key)) keys.add(key);
  for (const key of old) if (!Object.hasOwn(after, key)) keys.add(key);
  return { keys, isSameOrder };
}
