const { fround } = Math;

const NUMERATOR = [0.02589979118, 0.3808837741, 1.480000634, 2.112677543, 1, 0].map(fround);
const DENOMINATOR = [0.005875095403, 0.1546476375, 0.9864942959, 2.453006072, 2.612677543, 1].map(fround);
const LOG_2 = fround(Math.LN2);
const HALF_ROOT = fround(Math.SQRT1_2);

/**
 * numpy's logarithm of a positive float32, bit for bit: a rational approximation that is up to two units in the last place off (Cody and Waite's
 * range reduction, coefficients of numpy's AVX2 and AVX-512 code).
 * Timesteps are found by searching a table of these; with exact logarithms the first one can come out as 998 instead of 999.
 */
export function numpyLog(value: number): number {
  let [mantissa, exponent] = split(fround(value));
  if (mantissa <= HALF_ROOT) {
    mantissa = fround(mantissa + mantissa);
    exponent -= 1;
  }
  const x = fround(mantissa - 1);
  // Products of two float32 are exact in double precision, so rounding the sum once is a fused multiply-add.
  const horner = (coefficients: readonly number[]): number => coefficients.reduce((sum, next) => fround(sum * x + next), 0);
  return fround(exponent * LOG_2 + fround(horner(NUMERATOR) / horner(DENOMINATOR)));
}

/** value = mantissa · 2^exponent with the mantissa from 0.5 up to, but not including, 1. */
function split(value: number): [mantissa: number, exponent: number] {
  let exponent = Math.floor(Math.log2(value)) + 1;
  let mantissa = value / 2 ** exponent;
  if (mantissa >= 1) {
    mantissa /= 2;
    exponent += 1;
  } else if (mantissa < 0.5) {
    mantissa *= 2;
    exponent -= 1;
  }
  return [mantissa, exponent];
}
