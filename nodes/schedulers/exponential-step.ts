import { divide, exponential, exponentialMinusOne, logarithm, subtract } from './float32.ts';

/** A first-order step as weights of the sample and of the predicted original. */
export interface DataStep {
  readonly sample: number;
  readonly original: number;
}

/** Lu et al. 2022 (arXiv 2211.01095), equation 8, in σ: exact where the predicted original stays as it is. */
export function dataStep(from: number, to: number): DataStep {
  const start = -logarithm(from);
  const end = -logarithm(to);
  return {
    sample: divide(exponential(-end), exponential(-start)),
    original: -exponentialMinusOne(subtract(start, end)),
  };
}
