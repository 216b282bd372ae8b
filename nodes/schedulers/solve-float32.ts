const { fround } = Math;

/**
 * Solves a small square system as LAPACK's sgesv does: elimination with row exchanges in float32. UniPC's systems of high order
 * are badly conditioned, so the rounding shows.
 */
export function solveFloat32(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length;
  const rows = matrix.map((row, i) => [...row.map(fround), fround(right[i] ?? 0)]);
  for (let column = 0; column < size; column++) {
    const pivot = pivotRow(rows, column);
    const top = rows[pivot] ?? [];
    rows[pivot] = rows[column] ?? [];
    rows[column] = top;
    for (const row of rows.slice(column + 1)) {
      const factor = fround((row[column] ?? 0) / (top[column] ?? 0));
      for (let k = column; k <= size; k++) row[k] = fround((row[k] ?? 0) - factor * (top[k] ?? 0));
    }
  }
  const solution = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    const row = rows[i] ?? [];
    let rest = row[size] ?? 0;
    for (let k = i + 1; k < size; k++) rest = fround(rest - (row[k] ?? 0) * (solution[k] ?? 0));
    solution[i] = fround(rest / (row[i] ?? 0));
  }
  return solution;
}

function pivotRow(rows: readonly (readonly number[])[], column: number): number {
  let best = column;
  for (let i = column + 1; i < rows.length; i++) {
    if (Math.abs(rows[i]?.[column] ?? 0) > Math.abs(rows[best]?.[column] ?? 0)) best = i;
  }
  return best;
}
