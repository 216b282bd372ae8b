import { add, divide, square, squareRoot } from './float32.ts';
import { combine } from './linear-combination.ts';
import type { MixPrediction } from './predict.ts';
import type { TimestepSpacing } from './timesteps.ts';

/** The form x = original + σ · noise (Karras et al. 2022), which the k-diffusion samplers work in. */

/** The standard deviation of the first sample: under `leading` the schedule's first step is not pure noise. */
export function initialSigma(sigmas: Float32Array, spacing: TimestepSpacing): number {
  const largest = sigmas.reduce((max, sigma) => Math.max(max, sigma), 0);
  return spacing === 'leading' ? squareRoot(add(square(largest), 1)) : largest;
}

/** The sample brought to unit variance, as networks trained on √ᾱ-scaled samples want it. */
export function scaleToUnit(sample: Float32Array, sigma: number): Float32Array {
  const scale = squareRoot(add(square(sigma), 1));
  return sample.map((value) => value / scale);
}

/** The clean sample that a network's output stands for; `sample` is unscaled. */
export function originalAtSigma(type: MixPrediction, sigma: number, output: Float32Array, sample: Float32Array): Float32Array {
  switch (type) {
    case 'epsilon':
      return combine([1, sample], [-sigma, output]);
    case 'sample':
      return output;
    case 'v_prediction': {
      const variance = add(square(sigma), 1);
      return combine([divide(-sigma, squareRoot(variance)), output], [1 / variance, sample]);
    }
  }
}

/** A clean sample noised to a level. */
export function addSigmaNoise(original: Float32Array, noise: Float32Array, sigma: number): Float32Array {
  return combine([1, original], [sigma, noise]);
}
