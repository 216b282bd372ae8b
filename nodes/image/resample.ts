import { type AxisPlan, KERNELS, planAxis } from './resample-axis.ts';

/** How values between pixels are found: Pillow's filters of the same names. */
export type ResampleKernel = 'nearest' | 'box' | 'bilinear' | 'bicubic' | 'lanczos';

/** Width and height in pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** The part of a picture that is resampled, in its pixels; edges may lie between pixels. */
export interface SourceBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Makes a function that resamples planes (float32 [height, width], row-major) of one size to another, as `Image.resize` of Pillow does with
 * pictures of mode F: when it shrinks, the kernel is stretched over all pixels that fall into one; sums are float64; what lies between
 * the horizontal and the vertical pass is float32; nothing is rounded or clipped, so bicubic and lanczos overshoot. A side that keeps
 * its size is not filtered. Pillow's pictures of 8 bits are rounded and clipped to 0…255 after each of both passes. For box and bilinear
 * that differs from these values by less than 1/255; bicubic and lanczos overshoot in the first pass already, where clipping takes away
 * more: up to 2.4/255 and 3.6/255 in the noise of test/golden/resize.py.
 */
export function createResampler(
  from: PixelSize,
  to: PixelSize,
  kernel: ResampleKernel,
  box: SourceBox = { left: 0, top: 0, right: from.width, bottom: from.height },
): (plane: Float32Array) => Float32Array {
  if (kernel === 'nearest') return pickNearest(from, to, box);
  const columns = planAxis(from.width, box.left, box.right, to.width, KERNELS[kernel]);
  const rows = planAxis(from.height, box.top, box.bottom, to.height, KERNELS[kernel]);
  return (plane) => {
    const wide = columns === undefined ? plane : filterRows(plane, from, columns, rows);
    return rows === undefined ? wide.slice() : filterColumns(wide, to.width, rows);
  };
}

/** Resamples each row; rows that the vertical pass will not read stay zero. */
function filterRows(plane: Float32Array, from: PixelSize, columns: AxisPlan, rows: AxisPlan | undefined): Float32Array {
  const { outputs, starts, counts, weights, stride } = columns;
  const result = new Float32Array(outputs * from.height);
  const top = rows === undefined ? 0 : (rows.starts.at(0) ?? 0);
  const bottom = rows === undefined ? from.height : (rows.starts.at(-1) ?? 0) + (rows.counts.at(-1) ?? 0);
  for (let row = top; row < bottom; row++) {
    const base = row * from.width;
    for (let output = 0; output < outputs; output++) {
      const start = base + (starts[output] ?? 0);
      const count = counts[output] ?? 0;
      const taps = output * stride;
      let sum = 0;
      for (let tap = 0; tap < count; tap++) sum += (plane[start + tap] ?? 0) * (weights[taps + tap] ?? 0);
      result[row * outputs + output] = sum;
    }
  }
  return result;
}

function filterColumns(plane: Float32Array, width: number, rows: AxisPlan): Float32Array {
  const { outputs, starts, counts, weights, stride } = rows;
  const result = new Float32Array(width * outputs);
  const sums = new Float64Array(width);
  for (let output = 0; output < outputs; output++) {
    const start = starts[output] ?? 0;
    const count = counts[output] ?? 0;
    sums.fill(0);
    for (let tap = 0; tap < count; tap++) {
      const weight = weights[output * stride + tap] ?? 0;
      const base = (start + tap) * width;
      for (let column = 0; column < width; column++) sums[column] = (sums[column] ?? 0) + (plane[base + column] ?? 0) * weight;
    }
    result.set(sums, output * width);
  }
  return result;
}

function pickNearest(from: PixelSize, to: PixelSize, box: SourceBox): (plane: Float32Array) => Float32Array {
  const columns = nearestIndices(from.width, box.left, box.right, to.width);
  const rows = nearestIndices(from.height, box.top, box.bottom, to.height);
  return (plane) => {
    const result = new Float32Array(to.width * to.height);
    let at = 0;
    for (const row of rows) for (const column of columns) result[at++] = plane[row * from.width + column] ?? 0;
    return result;
  };
}

function nearestIndices(inputs: number, begin: number, end: number, outputs: number): Int32Array {
  const step = Math.fround(Math.fround(end) - Math.fround(begin)) / outputs;
  const indices = new Int32Array(outputs);
  // Pillow adds the step up instead of multiplying; where a middle falls on a border the two differ.
  let middle = Math.fround(begin) + step * 0.5;
  for (let output = 0; output < outputs; output++) {
    indices[output] = Math.min(inputs - 1, Math.trunc(middle));
    middle += step;
  }
  return indices;
}
