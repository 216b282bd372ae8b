import { sizeAt, type Tensor, tensor } from '../tensor.ts';

/** A part of a picture that is worked on by itself, in its pixels. */
export interface TilePlace {
  /** What the tile is for: these parts cover the picture once. */
  readonly inner: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  /** What it is computed from: the same with the overlap, as far as the picture goes. */
  readonly outer: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
}

/** Cuts a picture into tiles of about equal size, at most `tile` pixels a side, each seeing `overlap` pixels around it. */
export function planTiles(width: number, height: number, tile: number, overlap: number): TilePlace[] {
  const cut = (size: number): [number, number][] => {
    const count = Math.ceil(size / tile);
    return Array.from({ length: count }, (_, at) => [Math.round((at * size) / count), Math.round(((at + 1) * size) / count)]);
  };
  return cut(height).flatMap(([top, bottom]) =>
    cut(width).map(([left, right]) => ({
      inner: { left, top, right, bottom },
      outer: {
        left: Math.max(0, left - overlap),
        top: Math.max(0, top - overlap),
        right: Math.min(width, right + overlap),
        bottom: Math.min(height, bottom + overlap),
      },
    })),
  );
}

/** The pixels that a tile is computed from, of one picture float32 [1, channels, h, w]. */
export function cutTile(picture: Tensor, { outer }: TilePlace): Tensor {
  const [channels, height, width] = [sizeAt(picture, 1), sizeAt(picture, 2), sizeAt(picture, 3)];
  const [tall, wide] = [outer.bottom - outer.top, outer.right - outer.left];
  if (tall === height && wide === width) return picture;
  const data = new Float32Array(channels * tall * wide);
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < tall; row++) {
      const from = (channel * height + outer.top + row) * width + outer.left;
      data.set(picture.data.subarray(from, from + wide), (channel * tall + row) * wide);
    }
  }
  return tensor(data, [1, channels, tall, wide]);
}

/** Writes the part that a tile is for into the result, both enlarged `scale` times; `result` is fresh and written to. */
export function putTile(result: Tensor, tile: Tensor, { inner, outer }: TilePlace, scale: number): void {
  const [channels, height, width] = [sizeAt(result, 1), sizeAt(result, 2), sizeAt(result, 3)];
  const [tileHeight, tileWidth] = [sizeAt(tile, 2), sizeAt(tile, 3)];
  const wide = (inner.right - inner.left) * scale;
  const [skipTop, skipLeft] = [(inner.top - outer.top) * scale, (inner.left - outer.left) * scale];
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < (inner.bottom - inner.top) * scale; row++) {
      const from = (channel * tileHeight + skipTop + row) * tileWidth + skipLeft;
      result.data.set(tile.data.subarray(from, from + wide), (channel * height + inner.top * scale + row) * width + inner.left * scale);
    }
  }
}
