import type { ResampleKernel } from './resample.ts';

/** A filter over the distance between an input's middle and an output's, in inputs. */
export interface ResampleFilter {
  /** The weight is zero further than this from the middle. */
  readonly radius: number;
  weigh(distance: number): number;
}

/** Cubic convolution with a = -0.5 (Keys 1981); Lanczos with three lobes (Duchon 1979). */
export const KERNELS: Readonly<Record<Exclude<ResampleKernel, 'nearest'>, ResampleFilter>> = {
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
export interface AxisPlan {
  readonly outputs: number;
  /** First input of each output, and how many there are. */
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `stride` weights for each output, the first `counts` of them in use; they sum to one. */
  readonly weights: Float64Array;
  readonly stride: number;
}

/** How an axis of `inputs` pixels, or the part of it from `begin` to `end`, becomes one of `outputs`. Undefined: it stays as it is. */
export function planAxis(inputs: number, begin: number, end: number, outputs: number, kernel: ResampleFilter): AxisPlan | undefined {
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
