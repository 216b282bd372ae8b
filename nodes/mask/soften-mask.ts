import { sizeAt, type Tensor, tensor } from '../tensor.ts';
import { PAINTED } from './mask-region.ts';

/**
 * A mask with a soft edge outside of it: all that is painted stays, and from its border the value falls to 0 over `radius` pixels.
 * float32 [n, 1, h, w] in 0…1. Distances are Felzenszwalb and Huttenlocher's 2012 exact transform, by rows and then columns.
 */
export function softenMask(mask: Tensor, radius: number): Tensor {
  if (radius === 0) return mask;
  const [height, width] = [sizeAt(mask, 2), sizeAt(mask, 3)];
  const plane = height * width;
  const data = mask.data.slice();
  for (let row = 0; row < sizeAt(mask, 0); row++) {
    const own = data.subarray(row * plane, (row + 1) * plane);
    const squares = squaredDistances(own, width, height);
    for (let at = 0; at < plane; at++) own[at] = Math.max(own[at] ?? 0, 1 - Math.sqrt(squares[at] ?? 0) / (radius + 1));
  }
  return tensor(data, mask.shape);
}

/** To the nearest painted pixel; a large number where there is none. */
function squaredDistances(mask: Float32Array, width: number, height: number): Float64Array {
  const far = (width + height) ** 2;
  const squares = Float64Array.from(mask, (value) => (value >= PAINTED ? 0 : far));
  const column = new Float64Array(height);
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) column[y] = squares[y * width + x] ?? far;
    for (const [y, value] of transformLine(column).entries()) squares[y * width + x] = value;
  }
  for (let y = 0; y < height; y++) squares.set(transformLine(squares.subarray(y * width, (y + 1) * width)), y * width);
  return squares;
}

/** The lower envelope of the parabolas that stand on the values of a line. */
function transformLine(line: Float64Array): Float64Array {
  const places: number[] = [0];
  const borders: number[] = [Number.NEGATIVE_INFINITY];
  const meet = (from: number, to: number): number => ((line[to] ?? 0) + to * to - (line[from] ?? 0) - from * from) / (2 * (to - from));
  for (let at = 1; at < line.length; at++) {
    let border = meet(places.at(-1) ?? 0, at);
    while (border <= (borders.at(-1) ?? 0)) {
      places.pop();
      borders.pop();
      border = meet(places.at(-1) ?? 0, at);
    }
    places.push(at);
    borders.push(border);
  }
  let lowest = 0;
  return Float64Array.from(line, (_, at) => {
    while (lowest + 1 < borders.length && (borders[lowest + 1] ?? 0) < at) lowest++;
    const place = places[lowest] ?? 0;
    return (at - place) ** 2 + (line[place] ?? 0);
  });
}
