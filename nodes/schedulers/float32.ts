const { fround } = Math;

/**
 * Scalars as torch has them: every operation rounds to float32. Coefficients such as 1 - exp(-h) lose digits there, and a
 * picture only matches diffusers' when ours lose the same ones (docs/numerics.md, "Coefficients in float32").
 */

/** a + b, rounded. */
export const add = (a: number, b: number): number => fround(fround(a) + fround(b));
/** a - b, rounded. */
export const subtract = (a: number, b: number): number => fround(fround(a) - fround(b));
/** a · b, rounded. */
export const multiply = (a: number, b: number): number => fround(fround(a) * fround(b));
/** a / b, rounded. */
export const divide = (a: number, b: number): number => fround(fround(a) / fround(b));
/** a², rounded. */
export const square = (a: number): number => multiply(a, a);
/** √a, rounded. */
export const squareRoot = (a: number): number => fround(Math.sqrt(fround(a)));
/** e to the a, rounded. */
export const exponential = (a: number): number => fround(Math.exp(fround(a)));
/** e to the a, minus 1, rounded. */
export const exponentialMinusOne = (a: number): number => fround(Math.expm1(fround(a)));
/** The natural logarithm, rounded. */
export const logarithm = (a: number): number => fround(Math.log(fround(a)));
/** √(a · b) by way of logarithms, rounded at each step. */
export const geometricMean = (a: number, b: number): number => {
  const last = logarithm(b);
  return exponential(subtract(last, multiply(subtract(last, logarithm(a)), 0.5)));
};
