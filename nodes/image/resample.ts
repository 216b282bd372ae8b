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

interface Kernel {
  /** The weight is zero further than this from the middle. */
  readonly radius: number;
  weigh(distance: number): number;
}

/** Cubic convolution with a = -0.5 (Keys 1981); Lanczos with three lobes (Duchon 1979). */
const KERNELS: Readonly<Record<Exclude<ResampleKernel, 'nearest'>, Kernel>> = {
  // Half open: a pixel on the border between two outputs belongs to one of them.
  box: { radius: 0.5, weigh: (distance) => (distance > -0.5 && distance <= 0.5 ? 1 : 0) },
  bilinear: { radius: 1, weigh: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  bicubic: {
    radius: 2,
    weigh(distance) {
      const x = Math.abs(distance);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? -0.5 * (((x - 5) * x + 8) * x - 4) : 0;
    },
  },
  lanczos: { radius: 3, weigh: (distance) => (distance >= -3 && distance < 3 ? sinc(distance) * sinc(distance / 3) : 0) },
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

/** Which inputs make each output along one axis, and by how much. */
interface AxisPlan {
  readonly outputs: number;
  /** First input of each output, and how many there are. */
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `stride` weights for each output, the first `counts` of them in use; they sum to one. */
  readonly weights: Float64Array;
  readonly stride: number;
}

/** Undefined: the axis stays as it is. */
function planAxis(inputs: number, begin: number, end: number, outputs: number, kernel: Kernel): AxisPlan | undefined {
  // Pillow keeps the box in float32.
  const first = Math.fround(begin);
  const last = Math.fround(end);
  if (outputs === inputs && first === 0 && last === inputs) return undefined;
  const scale = Math.fround(last - first) / outputs;
  const stretch = Math.max(1, scale);
  const radius = kernel.radius * stretch;
  const stride = Math.ceil(radius) * 2 + 1;
  const starts = new Int32Array(outputs);
  const counts = new Int32Array(outputs);
  const weights = new Float64Array(outputs * stride);
  for (let output = 0; output < outputs; output++) {
    const center = first + (output + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - radius + 0.5));
    const count = Math.min(inputs, Math.trunc(center + radius + 0.5)) - start;
    const row = weights.subarray(output * stride, output * stride + count);
    let sum = 0;
    for (let tap = 0; tap < count; tap++) {
      const weight = kernel.weigh((tap + start - center + 0.5) * (1 / stretch));
      row[tap] = weight;
      sum += weight;
    }
    if (sum !== 0) for (let tap = 0; tap < count; tap++) row[tap] = (row[tap] ?? 0) / sum;
    starts[output] = start;
    counts[output] = count;
  }
  return { outputs, starts, counts, weights, stride };
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
