/** A record's own value under a key; names such as `toString`, which every object inherits, are not found. */
export function ownValue<K extends string, V>(record: Readonly<Record<K, V>> | undefined, key: K): V | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
