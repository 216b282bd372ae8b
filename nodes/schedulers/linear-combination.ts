/** One summand: a coefficient and the float32 values it multiplies. */
export type Term = readonly [coefficient: number, values: Float32Array];

/** The sum of the terms value by value, added up in float64 and rounded to float32 once. */
export function combine(first: Term, ...rest: readonly Term[]): Float32Array {
  const [scale, values] = first;
  const sum = Float64Array.from(values, (value) => scale * value);
  for (const [coefficient, more] of rest) {
    if (more.length !== sum.length) throw new Error(`cannot add ${more.length} values to ${sum.length}`);
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + coefficient * (more[i] ?? 0);
  }
  return Float32Array.from(sum);
}
