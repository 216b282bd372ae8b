import { sizeAt, type Tensor, tensor } from '../tensor.ts';

/** Planes with how much is known of each value, both row-major float32. */
interface Level {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
  readonly known: Float32Array;
}

/**
 * Pictures whose hole is filled with the colours around it, smoothly: averages of what is known go down a pyramid until nothing is
 * missing and come up again (pull-push; Gortler et al. 1996, The Lumigraph, section 3.4). `hole` is 1 where it is filled, one for
 * all pictures or one each; both NCHW. What is known stays as it is; a picture without anything known turns grey.
 */
export function fillHole(picture: Tensor, hole: Tensor): Tensor {
  const [pictures, channels, height, width] = [sizeAt(picture, 0), sizeAt(picture, 1), sizeAt(picture, 2), sizeAt(picture, 3)];
  const plane = width * height;
  const data = picture.data.slice();
  for (let index = 0; index < pictures * channels; index++) {
    const own = sizeAt(hole, 0) === 1 ? 0 : Math.floor(index / channels);
    const known = hole.data.subarray(own * plane, (own + 1) * plane).map((value) => (value === 1 ? 0 : 1));
    const values = data.subarray(index * plane, (index + 1) * plane);
    const filled = fill({ width, height, values, known });
    for (let at = 0; at < plane; at++) if (known[at] === 0) values[at] = filled[at] ?? 0;
  }
  return tensor(data, picture.shape);
}

function fill(level: Level): Float32Array {
  const { width, height, values, known } = level;
  if (known.every((share) => share > 0)) return values;
  if (width === 1 && height === 1) return new Float32Array([0.5]);
  const smaller = halve(level);
  const coarse = fill(smaller);
  return values.map((value, at) => {
    if ((known[at] ?? 0) > 0) return value;
    return readBetween(coarse, smaller, (at % width) / 2 - 0.25, Math.floor(at / width) / 2 - 0.25);
  });
}

/** Half the size; each value is the mean of what is known of the four under it. */
function halve({ width, height, values, known }: Level): Level {
  const [wide, tall] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const sums = new Float32Array(wide * tall);
  const shares = new Float32Array(wide * tall);
  for (let at = 0; at < values.length; at++) {
    const to = Math.floor(Math.floor(at / width) / 2) * wide + Math.floor((at % width) / 2);
    sums[to] = (sums[to] ?? 0) + (values[at] ?? 0) * (known[at] ?? 0);
    shares[to] = (shares[to] ?? 0) + (known[at] ?? 0);
  }
  return {
    width: wide,
    height: tall,
    values: sums.map((sum, at) => sum / (shares[at] || 1)),
    known: shares.map((share) => Math.min(1, share)),
  };
}

/** The value at a place between the pixels' middles, linear, and the edge's beyond the edge. */
function readBetween(values: Float32Array, { width, height }: Level, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const read = (column: number, row: number): number =>
    values[Math.min(Math.max(row, 0), height - 1) * width + Math.min(Math.max(column, 0), width - 1)] ?? 0;
  const mix = (from: number, to: number, share: number): number => from + (to - from) * share;
  return mix(mix(read(left, top), read(left + 1, top), x - left), mix(read(left, top + 1), read(left + 1, top + 1), x - left), y - top);
}
