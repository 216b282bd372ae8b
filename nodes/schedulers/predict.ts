import { squareRoot, subtract } from './float32.ts';
import { combine } from './linear-combination.ts';

/** Signal and noise in a sample: x = alpha · original + sigma · noise. */
export interface Mix {
  readonly alpha: number;
  readonly sigma: number;
}

/** The mix at a cumulative product ᾱ: √ᾱ and √(1 - ᾱ), in float32. */
export function mixOf(alphaProduct: number): Mix {
  return { alpha: squareRoot(alphaProduct), sigma: squareRoot(subtract(1, alphaProduct)) };
}

/** The predictions that need nothing but signal and noise: Salimans and Ho 2022, section 4 and appendix D. */
export type MixPrediction = 'epsilon' | 'sample' | 'v_prediction';

/** The clean sample that a network's output stands for. */
export function originalFrom(type: MixPrediction, { alpha, sigma }: Mix, output: Float32Array, sample: Float32Array): Float32Array {
  switch (type) {
    case 'epsilon': {
      const scaled = combine([1, sample], [-sigma, output]);
      // Divided last: at ᾱ = 0 this is infinite, which clipping brings back, and not NaN.
      for (let i = 0; i < scaled.length; i++) scaled[i] = (scaled[i] ?? 0) / alpha;
      return scaled;
    }
    case 'sample':
      return output;
    case 'v_prediction':
      return combine([alpha, sample], [-sigma, output]);
  }
}

/** The noise that a network's output stands for. */
export function noiseFrom(type: MixPrediction, { alpha, sigma }: Mix, output: Float32Array, sample: Float32Array): Float32Array {
  switch (type) {
    case 'epsilon':
      return output;
    case 'sample':
      return combine([1 / sigma, sample], [-alpha / sigma, output]);
    case 'v_prediction':
      return combine([alpha, output], [sigma, sample]);
  }
}
