import { sizeAt, type Tensor, tensor } from '../tensor.ts';

const { fround } = Math;

/** torch's `interpolate(size=…, mode='nearest-exact')`: the cell that the middle of each new one falls into; float32 NCHW. */
export function nearestExact(value: Tensor, to: { readonly width: number; readonly height: number }): Tensor {
  const [batch, channels, height, width] = [sizeAt(value, 0), sizeAt(value, 1), sizeAt(value, 2), sizeAt(value, 3)];
  const [rows, columns] = [sourceCells(height, to.height), sourceCells(width, to.width)];
  const data = new Float32Array(batch * channels * to.height * to.width);
  let at = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    for (const row of rows) for (const column of columns) data[at++] = value.data[(plane * height + row) * width + column] ?? 0;
  }
  return tensor(data, [batch, channels, to.height, to.width]);
}

/** In float32, as torch reckons it: that decides where a middle falls on a border. */
function sourceCells(from: number, to: number): Int32Array {
  const scale = fround(from / to);
  return Int32Array.from({ length: to }, (_, cell) => Math.min(from - 1, Math.floor(fround(fround(cell + 0.5) * scale))));
}
