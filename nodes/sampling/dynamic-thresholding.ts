import { quantile } from '../schedulers/quantile.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';

/**
 * High guidance without its over-exposure, in latents ("CFG scale fix" of A1111 and ComfyUI, after Imagen's dynamic thresholding, Saharia et
 * al. 2022, section 2.3): each channel of the guided prediction keeps its mean, and its deviations from it are clamped at a percentile of
 * their size and brought to the range that they have at the lower guidance `mimicked`. Both float32 NCHW, of one shape; `percentile` 0…1.
 */
export function thresholdLike(guided: Tensor, mimicked: Tensor, percentile: number): Tensor {
  const planes = sizeAt(guided, 0) * sizeAt(guided, 1);
  const size = guided.data.length / planes;
  const data = new Float32Array(guided.data.length);
  for (let plane = 0; plane < planes; plane++) {
    const own = guided.data.subarray(plane * size, (plane + 1) * size);
    const mean = meanOf(own);
    const other = mimicked.data.subarray(plane * size, (plane + 1) * size);
    const otherMean = meanOf(other);
    const range = other.reduce((largest, value) => Math.max(largest, Math.abs(value - otherMean)), 0);
    const bound = Math.max(
      quantile(
        own.map((value) => Math.abs(value - mean)),
        percentile,
      ),
      range,
    );
    if (bound === 0) data.set(own, plane * size);
    else
      for (const [at, value] of own.entries())
        data[plane * size + at] = mean + (Math.min(Math.max(value - mean, -bound), bound) / bound) * range;
  }
  return tensor(data, guided.shape);
}

function meanOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
