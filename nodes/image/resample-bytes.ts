import type { PixelSize, ResampleKernel } from './resample.ts';
import { type AxisPlan, KERNELS, planAxis } from './resample-axis.ts';

/** Pillow's fixed point for pictures of 8 bits: weights are whole multiples of 2^-22. */
const PRECISION = 2 ** 22;

/**
 * Makes a function that resamples planes (float32 [height, width] in 0…1) as `Image.resize` of Pillow does with pictures of 8 bits: values
 * are rounded to bytes first, weights are fixed point, and each pass rounds and clips to a byte; as of Pillow 13 columns are filtered first
 * where the height shrinks by more than twice what the width does. What diffusers does with a picture whose
 * size its autoencoder cannot take; otherwise `createResampler` keeps more.
 */
export function createByteResampler(
  from: PixelSize,
  to: PixelSize,
  kernel: Exclude<ResampleKernel, 'nearest'>,
): (plane: Float32Array) => Float32Array {
  const columns = planAxis(from.width, 0, from.width, to.width, KERNELS[kernel]);
  const rows = planAxis(from.height, 0, from.height, to.height, KERNELS[kernel]);
  const isTallFirst = from.height > to.height && from.height - to.height > 2 * (from.width - to.width);
  return (plane) => {
    let bytes = Uint8ClampedArray.from(plane, (value) => value * 255);
    if (isTallFirst && rows !== undefined) bytes = filterLines(bytes, from.width, 1, from.width, rows);
    if (columns !== undefined) bytes = filterLines(bytes, isTallFirst ? to.height : from.height, from.width, 1, columns);
    if (!isTallFirst && rows !== undefined) bytes = filterLines(bytes, to.width, 1, to.width, rows);
    return Float32Array.from(bytes, (value) => value / 255);
  };
}

/** Filters `lines` lines whose pixels lie `step` apart and whose starts lie `stride` apart. */
function filterLines(
  plane: Uint8ClampedArray,
  lines: number,
  stride: number,
  step: number,
  plan: AxisPlan,
): Uint8ClampedArray<ArrayBuffer> {
  const { outputs, starts, counts } = plan;
  const weights = Float64Array.from(plan.weights, (weight) => Math.trunc(weight * PRECISION + (weight < 0 ? -0.5 : 0.5)));
  const result = new Uint8ClampedArray(lines * outputs);
  const outStride = step === 1 ? outputs : 1;
  for (let line = 0; line < lines; line++) {
    for (let output = 0; output < outputs; output++) {
      const start = starts[output] ?? 0;
      let sum = PRECISION / 2;
      for (let tap = 0; tap < (counts[output] ?? 0); tap++) {
        sum += (plane[line * stride + (start + tap) * step] ?? 0) * (weights[output * plan.stride + tap] ?? 0);
      }
      result[line * outStride + output * step] = Math.floor(sum / PRECISION);
    }
  }
  return result;
}
