const { fround } = Math;
const TWO_PI = fround(2 * Math.PI);

/** Values that torch's block transform turns over at once: the first 8 uniforms give radii, the other 8 angles. */
export const BLOCK = 16;

/**
 * Turns 16 uniforms in [0, 1) into 16 values of N(0, 1) in place (Box and Muller 1958): cosines to the first 8 places, sines
 * to the others. Every intermediate is rounded to float32, as torch's vectorised `normal_fill` does.
 */
export function boxMullerBlock(data: Float32Array, start: number): void {
  for (let j = start; j < start + BLOCK / 2; j++) {
    const logarithm = fround(Math.log(fround(1 - (data[j] ?? 0))));
    const radius = fround(Math.sqrt(fround(-2 * logarithm)));
    const angle = fround(TWO_PI * (data[j + BLOCK / 2] ?? 0));
    data[j] = radius * fround(Math.cos(angle));
    data[j + BLOCK / 2] = radius * fround(Math.sin(angle));
  }
}

/** The same in double precision, for float64 draws. */
export function boxMullerBlockDouble(data: Float64Array, start: number): void {
  for (let j = start; j < start + BLOCK / 2; j++) {
    const radius = Math.sqrt(-2 * Math.log(1 - (data[j] ?? 0)));
    const angle = 2 * Math.PI * (data[j + BLOCK / 2] ?? 0);
    data[j] = radius * Math.cos(angle);
    data[j + BLOCK / 2] = radius * Math.sin(angle);
  }
}
