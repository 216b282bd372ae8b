import { sizeAt, type Tensor } from '../../nodes/tensor.ts';

/** The window of SSIM: a Gaussian, 11 pixels wide (Wang et al. 2004). */
const WINDOW = normalise(Array.from({ length: 11 }, (_, at) => Math.exp(-((at - 5) ** 2) / (2 * 1.5 ** 2))));
const [C1, C2] = [0.01 ** 2, 0.03 ** 2];

/** Peak signal-to-noise ratio of two pictures in 0…1, over all channels, in dB. */
export function psnr(a: Tensor, b: Tensor): number {
  let sum = 0;
  for (let at = 0; at < a.data.length; at++) sum += ((a.data[at] ?? Number.NaN) - (b.data[at] ?? Number.NaN)) ** 2;
  return 10 * Math.log10(a.data.length / sum);
}

/** Structural similarity of two pictures in 0…1: of their luma (BT.601), the mean over every window that lies inside. */
export function ssim(a: Tensor, b: Tensor): number {
  const [height, width] = [sizeAt(a, 2), sizeAt(a, 3)];
  const [x, y] = [luma(a), luma(b)];
  const mean = (value: (at: number) => number): Float64Array =>
    blur(
      Float64Array.from(x, (_, at) => value(at)),
      width,
      height,
    );
  const [meanX, meanY] = [mean((at) => x[at] ?? 0), mean((at) => y[at] ?? 0)];
  const [squareX, squareY] = [mean((at) => (x[at] ?? 0) ** 2), mean((at) => (y[at] ?? 0) ** 2)];
  const product = mean((at) => (x[at] ?? 0) * (y[at] ?? 0));
  let sum = 0;
  for (const [at, mx] of meanX.entries()) {
    const my = meanY[at] ?? 0;
    const [vx, vy, cov] = [(squareX[at] ?? 0) - mx * mx, (squareY[at] ?? 0) - my * my, (product[at] ?? 0) - mx * my];
    sum += ((2 * mx * my + C1) * (2 * cov + C2)) / ((mx * mx + my * my + C1) * (vx + vy + C2));
  }
  return sum / meanX.length;
}

/** A picture moved right and down by so much of a pixel, by bilinear interpolation; edges are repeated. */
export function shift(image: Tensor, right: number, down: number): Tensor {
  const [height, width] = [sizeAt(image, 2), sizeAt(image, 3)];
  const plane = width * height;
  const clamp = (value: number, size: number): number => Math.min(size - 1, Math.max(0, value));
  const data = new Float32Array(image.data.length);
  for (let at = 0; at < data.length; at++) {
    const base = Math.floor(at / plane) * plane;
    const [x, y] = [(at % width) - right, Math.floor((at % plane) / width) - down];
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const pick = (dx: number, dy: number): number => image.data[base + clamp(top + dy, height) * width + clamp(left + dx, width)] ?? 0;
    const [fx, fy] = [x - left, y - top];
    data[at] = (pick(0, 0) * (1 - fx) + pick(1, 0) * fx) * (1 - fy) + (pick(0, 1) * (1 - fx) + pick(1, 1) * fx) * fy;
  }
  return { ...image, data };
}

function luma({ data }: Tensor): Float64Array {
  const plane = data.length / 3;
  return Float64Array.from(
    { length: plane },
    (_, at) => 0.299 * (data[at] ?? 0) + 0.587 * (data[plane + at] ?? 0) + 0.114 * (data[2 * plane + at] ?? 0),
  );
}

/** Each window's weighted mean. */
function blur(values: Float64Array, width: number, height: number): Float64Array {
  const taps = WINDOW.length;
  const [columns, rows] = [width - taps + 1, height - taps + 1];
  const wide = new Float64Array(columns * height);
  for (let at = 0; at < wide.length; at++) {
    const from = Math.floor(at / columns) * width + (at % columns);
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) sum += (WINDOW[tap] ?? 0) * (values[from + tap] ?? 0);
    wide[at] = sum;
  }
  const result = new Float64Array(columns * rows);
  for (let at = 0; at < result.length; at++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) sum += (WINDOW[tap] ?? 0) * (wide[at + tap * columns] ?? 0);
    result[at] = sum;
  }
  return result;
}

function normalise(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, one) => total + one, 0);
  return weights.map((one) => one / sum);
}
