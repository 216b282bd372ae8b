/**
 * JSON with one spelling: keys sorted by code unit, numbers in their shortest form that reads back the same, infinities as
 * `1e999` (which every JSON reader reads back as infinity), one line, one space after `:` and `,`. Not a number is a bug and throws.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return writeNumber(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? `[${value.map(canonicalJson).join(', ')}]` : writeRecord(value);
    default:
      throw new TypeError(`a document holds ${typeof value}, which JSON has no place for`);
  }
}

function writeNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '1e999';
  if (value === Number.NEGATIVE_INFINITY) return '-1e999';
  if (Number.isNaN(value)) throw new TypeError('a document holds NaN, which JSON has no place for');
  return Object.is(value, -0) ? '-0' : String(value);
}

function writeRecord(record: object): string {
  const parts: string[] = [];
  for (const key of sortedKeys(record)) {
    parts.push(`${JSON.stringify(key)}: ${canonicalJson((record as Record<string, unknown>)[key])}`); // own keys of this very object
  }
  return `{${parts.join(', ')}}`;
}

/** The keys of a record that hold something, in the order they are written. */
export function sortedKeys(record: object): string[] {
  const fields = record as Readonly<Record<string, unknown>>; // own keys of this very object
  return Object.keys(fields)
    .filter((key) => fields[key] !== undefined)
    .sort();
}
