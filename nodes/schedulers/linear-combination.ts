/** One summand: a coefficient and the float32 values it multiplies. */
export type Term = readonly [coefficient: number, values: Float32Array];

/** The sum of the terms value by value, added up in float64 and rounded to float32 once; the result is all that is allocated. */
export function combine(first: Term, ...rest: readonly Term[]): Float32Array<ArrayBuffer> {
  const [a, x] = first;
  const count = x.length;
  for (const [, values] of rest) if (values.length !== count) throw new Error(`cannot add ${values.length} values to ${count}`);
  const sum = new Float32Array(count);
  // Few terms get loops of their own: a loop over the terms for each value takes several times as long.
  const [b, y] = rest[0] ?? [0, x];
  const [c, z] = rest[1] ?? [0, x];
  if (rest.length === 0) for (let i = 0; i < count; i++) sum[i] = a * at(x, i);
  else if (rest.length === 1) for (let i = 0; i < count; i++) sum[i] = a * at(x, i) + b * at(y, i);
  else if (rest.length === 2) for (let i = 0; i < count; i++) sum[i] = a * at(x, i) + b * at(y, i) + c * at(z, i);
  else {
    for (let i = 0; i < count; i++) {
      let value = a * at(x, i) + b * at(y, i) + c * at(z, i);
      for (let k = 2; k < rest.length; k++) value += termAt(rest[k], i);
      sum[i] = value;
    }
  }
  return sum;
}

function at(values: Float32Array, i: number): number {
  return values[i] ?? 0;
}

function termAt(term: Term | undefined, i: number): number {
  return term === undefined ? 0 : term[0] * at(term[1], i);
}
