/** numpy's `linspace` in float64: one rounded step, multiplied up; the last value is `stop` itself. */
export function linspace(start: number, stop: number, count: number): number[] {
  const step = (stop - start) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i === count - 1 && count > 1 ? stop : i === 0 ? start : i * step + start));
}

/** torch's `linspace` in float32: counted up from `start` below the middle and down from `stop` above it. */
export function linspaceFloat32(start: number, stop: number, count: number): Float32Array {
  const { fround } = Math;
  const first = fround(start);
  if (count === 1) return Float32Array.of(first);
  const last = fround(stop);
  const step = fround(fround(last - first) / (count - 1));
  const middle = Math.floor(count / 2);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = i < middle ? first + step * i : last - step * (count - 1 - i);
  return values;
}

/**
 * numpy's `arange(start, 0, -stride)`: the length is found by dividing and the values by adding a stride that was itself
 * rounded, so some strides (1000/61) give one value more than expected.
 */
export function countDown(start: number, stride: number): number[] {
  const step = start - stride - start;
  return Array.from({ length: Math.ceil(-start / -stride) }, (_, i) => start + i * step);
}

/** Rounds to the nearest whole number, halves to the even one, as numpy and Python do. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
