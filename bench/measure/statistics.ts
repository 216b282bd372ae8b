/** The middle of the values; of an even number of them, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** `median [least … most]`, in the given unit. */
export function showSpread(values: readonly number[], digits = 0, unit = 'ms'): string {
  const show = (value: number): string => value.toFixed(digits);
  return `${show(median(values))} ${unit} [${show(Math.min(...values))} … ${show(Math.max(...values))}]`;
}

/** A figure beside what it should be at most. */
export function showTarget(value: number, most: number, digits: number, unit: string): string {
  return `${value.toFixed(digits)}${unit} (target ≤ ${most}${unit}: ${value <= most ? 'met' : 'MISSED'})`;
}

/** Columns of equal width, the first one flush left. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    console.log(
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('   '),
    );
  }
}
