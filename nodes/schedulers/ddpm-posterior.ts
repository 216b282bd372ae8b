import { divide, exponential, logarithm, multiply, squareRoot, subtract } from './float32.ts';

/** The step from one ᾱ to the next in Ho et al. 2020, equations 6 and 7: x' = onOriginal · x̂₀ + onSample · x, and noise between two variances. */
export interface Posterior {
  readonly onOriginal: number;
  readonly onSample: number;
  /** β̃, the smallest sensible variance of the noise. */
  readonly small: number;
  /** β, the largest. */
  readonly large: number;
}

/** `product`: ᾱ at the step's timestep; `previous`: ᾱ at the less noisy one it goes to; `beta`: of the step, where it is known better. */
export function posterior(product: number, previous: number, beta = subtract(1, divide(product, previous))): Posterior {
  const remaining = subtract(1, product);
  const alpha = subtract(1, beta);
  return {
    onOriginal: divide(multiply(squareRoot(previous), beta), remaining),
    onSample: divide(multiply(squareRoot(alpha), subtract(1, previous)), remaining),
    small: Math.max(multiply(divide(subtract(1, previous), remaining), beta), Math.fround(1e-20)),
    large: beta,
  };
}

/** √β̃ by way of its logarithm. */
export function smallDeviation({ small }: Posterior): number {
  return exponential(0.5 * logarithm(small));
}

/** Nichol and Dhariwal 2021 (arXiv 2102.09672), equation 15: where the network puts it between the two, from −1 to 1. */
export function learnedDeviation({ small, large }: Posterior, predicted: number): number {
  const share = (predicted + 1) / 2;
  return exponential(0.5 * (share * logarithm(large) + (1 - share) * logarithm(small)));
}

/** A fresh mean (which is written to) with noise added, N(0, 1) times the deviation of each value. */
export function addScaled(mean: Float32Array, noise: Float32Array, deviationAt: (index: number) => number): Float32Array {
  for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) + deviationAt(i) * (noise[i] ?? 0);
  return mean;
}
