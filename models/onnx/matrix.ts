/** A matrix of numbers, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** All zeros, to be filled. */
export function zeroMatrix(rows: number, columns: number): Matrix {
  return { rows, columns, values: new Float32Array(rows * columns) };
}

/** Rows as columns, in each of as many matrices as are `stacked` one above the other. */
export function transposed({ rows, columns, values }: Matrix, stacked = 1): Matrix {
  const height = rows / stacked;
  const size = height * columns;
  const turned = values.map((_, at) => {
    const within = at % size;
    return values[at - within + (within % height) * columns + Math.floor(within / height)] ?? 0;
  });
  return { rows: stacked * columns, columns: height, values: turned };
}
