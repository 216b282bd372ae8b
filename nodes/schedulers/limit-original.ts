import { ok, type Result } from '../problem.ts';
import { refuseTogether } from './option-table.ts';
import { quantile } from './quantile.ts';

/** How a class keeps the predicted clean sample within bounds. */
export interface LimitOptions {
  readonly thresholding?: boolean;
  readonly dynamic_thresholding_ratio?: number;
  readonly sample_max_value?: number;
  readonly clip_sample?: boolean;
  readonly clip_sample_range?: number;
}

/** Takes a predicted clean sample (float32, batch first) and gives it back within bounds. */
export type LimitOriginal = (original: Float32Array) => Float32Array;

/** What the config asks for: dynamic thresholding, clipping, or nothing. Thresholding is per picture, so it needs the shape. */
export function limitOriginal(className: string, options: LimitOptions, shape: readonly number[] | undefined): Result<LimitOriginal> {
  const { thresholding, dynamic_thresholding_ratio: ratio = 0.995, sample_max_value: ceiling = 1 } = options;
  if (thresholding) {
    const batch = shape?.[0];
    if (batch === undefined)
      return refuseTogether(className, 'thresholding', 'thresholding is per picture and needs the shape of the sample');
    if (!(ratio >= 0 && ratio <= 1)) {
      return refuseTogether(className, 'dynamic_thresholding_ratio', `dynamic_thresholding_ratio must lie from 0 to 1, and is ${ratio}`);
    }
    return ok((original) => thresholdEach(original, batch, ratio, ceiling));
  }
  if (!options.clip_sample) return ok((original) => original);
  const range = options.clip_sample_range ?? 1;
  return ok((original) => original.map((value) => Math.min(Math.max(value, -range), range)));
}

/** Saharia et al. 2022, section 2.3: bounds at a percentile of each picture's absolute values, at least 1; then divided by them. */
function thresholdEach(original: Float32Array, batch: number, ratio: number, ceiling: number): Float32Array {
  const size = original.length / batch;
  const result = new Float32Array(original.length);
  for (let row = 0; row < batch; row++) {
    const values = original.subarray(row * size, (row + 1) * size);
    const bound = Math.fround(Math.min(Math.max(quantile(values.map(Math.abs), ratio), 1), ceiling));
    for (let i = 0; i < size; i++) {
      result[row * size + i] = Math.min(Math.max(values[i] ?? 0, -bound), bound) / bound;
    }
  }
  return result;
}
