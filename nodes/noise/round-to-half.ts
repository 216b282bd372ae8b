const bits = (): { float: Float32Array; word: Uint32Array } => {
  const float = new Float32Array(1);
  return { float, word: new Uint32Array(float.buffer) };
};

/** Rounds each value to the nearest float16 (ties to even), in place. */
export function roundToFloat16(data: Float32Array): void {
  for (let i = 0; i < data.length; i++) data[i] = float16Of(data[i] ?? 0);
}

/** Rounds each value to the nearest bfloat16 (ties to even), in place. */
export function roundToBfloat16(data: Float32Array): void {
  const { float, word } = bits();
  for (let i = 0; i < data.length; i++) {
    float[0] = data[i] ?? 0;
    const value = word[0] ?? 0;
    word[0] = (value + 0x7fff + ((value >>> 16) & 1)) & 0xffff0000;
    data[i] = float[0];
  }
}

function float16Of(value: number): number {
  const size = Math.abs(value);
  if (size >= 65520) return Math.sign(value) * Number.POSITIVE_INFINITY;
  // 10 bits follow the leading one; below 2^-14 the spacing stays 2^-24.
  const exponent = Math.max(Math.floor(Math.log2(size || 1)), -14);
  const spacing = 2 ** (exponent - 10);
  const scaled = size / spacing;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  return Math.sign(value) * rounded * spacing;
}
