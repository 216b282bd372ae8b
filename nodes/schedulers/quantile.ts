/** torch's `quantile`: linear between order statistics, the rank computed in float32. Sorts its argument. */
export function quantile(values: Float32Array, ratio: number): number {
  values.sort();
  const rank = Math.fround(Math.fround(ratio) * (values.length - 1));
  const below = Math.floor(rank);
  const low = values[below] ?? 0;
  const high = values[Math.ceil(rank)] ?? 0;
  return low + Math.fround(rank - below) * (high - low);
}
