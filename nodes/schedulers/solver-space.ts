import { add, divide, logarithm, multiply, square, squareRoot, subtract } from './float32.ts';
import { combine } from './linear-combination.ts';
import type { Mix } from './predict.ts';

/** A noise level as the DPM-Solver family sees it: signal, noise, and half the logarithm of their ratio's square, all float32. */
export interface Level extends Mix {
  readonly lambda: number;
}

/** Splits σ: variance preserving, or the straight line of flow matching. λ is +∞ at σ = 0. */
function levelOf(sigma: number, flow: boolean): Level {
  const alpha = flow ? subtract(1, sigma) : divide(1, squareRoot(add(square(sigma), 1)));
  const noise = flow ? sigma : multiply(sigma, alpha);
  return { alpha, sigma: noise, lambda: subtract(logarithm(alpha), logarithm(noise)) };
}

/** The levels of a schedule by index; beyond its end they are NaN. */
export function levelsOf(sigmas: Float32Array, flow: boolean): (index: number) => Level {
  const levels = Array.from(sigmas, (sigma) => levelOf(sigma, flow));
  return (index) => levels[index] ?? { alpha: Number.NaN, sigma: Number.NaN, lambda: Number.NaN };
}

/** A clean sample noised to a level. */
export function addLevelNoise(original: Float32Array, noise: Float32Array, { alpha, sigma }: Mix): Float32Array {
  return combine([alpha, original], [sigma, noise]);
}

/** A noise level in the form x = original + σ · noise. */
export function unscaledLevelOf(sigma: number): Level {
  return { alpha: 1, sigma, lambda: -logarithm(sigma) };
}
