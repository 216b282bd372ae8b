/** IEEE 754 half precision bits widened to a number, exactly. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** The IEEE 754 half precision bits nearest to each number, ties to even. */
export function toHalves(values: ArrayLike<number>): Uint16Array {
  const halves = new Uint16Array(values.length);
  const float = new Float32Array(1);
  const word = new Uint32Array(float.buffer);
  for (let index = 0; index < values.length; index++) {
    float[0] = values[index] ?? 0;
    halves[index] = halfOfBits(word[0] ?? 0);
  }
  return halves;
}

function halfOfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  // From 65520 on the nearest half is infinite.
  if (size >= 0x477ff000) return sign | 0x7c00;
  const rounded = size + 0xfff + ((size >>> 13) & 1);
  if (size >= 0x38800000) return sign | ((rounded - 0x38000000) >>> 13);
  // Below 2^-14 halves are multiples of 2^-24.
  const shift = 126 - (size >>> 23);
  if (shift > 24) return sign;
  const mantissa = (size & 0x7fffff) | 0x800000;
  const floor = mantissa >>> shift;
  const rest = mantissa - floor * 2 ** shift;
  const half = 2 ** (shift - 1);
  return sign | (rest > half || (rest === half && floor % 2 === 1) ? floor + 1 : floor);
}

/** bfloat16 bits widened to float32, exactly: they are its upper half. */
export function widenBfloat16(bits: Uint16Array): Float32Array {
  const wide = new Uint32Array(bits.length);
  for (let index = 0; index < bits.length; index++) wide[index] = (bits[index] ?? 0) << 16;
  return new Float32Array(wide.buffer);
}
