import type { Upscaler } from '../context.ts';
import { ok, type Result } from '../problem.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';
import { cut } from './pixel-range.ts';
import type { PixelSize, ResampleKernel } from './resample.ts';
import { resamplePlanes } from './resample-planes.ts';
import { cutTile, planTiles, putTile } from './tiles.ts';

/** One thing that is done on the way to the wanted size: the network, or shrinking to so many times the first size. */
export type EnlargeStep = { readonly kind: 'network' } | { readonly kind: 'shrink'; readonly to: number };

/** How a network that enlarges `scale` times comes to `factor` times: it is run until that is reached, and what is too much is shrunk. */
export function planEnlarging(scale: number, factor: number): EnlargeStep[] {
  const steps: EnlargeStep[] = [];
  for (let size = 1; size !== factor; ) {
    if (size > factor) {
      steps.push({ kind: 'shrink', to: factor });
      break;
    }
    // Shrunk before the last time, a quarter of the pixels and less go through the network.
    const before = factor / scale;
    if (size > before && Number.isInteger(before)) {
      steps.push({ kind: 'shrink', to: before });
      size = before;
    }
    steps.push({ kind: 'network' });
    size *= scale;
  }
  return steps;
}

/** How pictures are worked off. */
export interface Enlarging {
  readonly upscaler: Upscaler;
  readonly tilePx: number;
  readonly overlapPx: number;
  /** Throws when the run is cancelled. */
  beforeTile(): void;
  afterTile(): void;
}

/** Puts one picture, float32 [1, 3, h, w], through the network in tiles; cut off at 0 and 1. */
export async function enlargeOnce(
  picture: Tensor,
  { upscaler, tilePx, overlapPx, beforeTile, afterTile }: Enlarging,
): Promise<Result<Tensor>> {
  const [height, width] = [sizeAt(picture, 2), sizeAt(picture, 3)];
  const { scale } = upscaler;
  const result = tensor(new Float32Array(3 * height * width * scale * scale), [1, 3, height * scale, width * scale]);
  for (const place of planTiles(width, height, tilePx, overlapPx)) {
    beforeTile();
    const tile = await upscaler.upscale(cutTile(picture, place));
    if (!tile.ok) return tile;
    putTile(result, { ...tile.value, data: tile.value.data.map(cut) }, place, scale);
    afterTile();
  }
  return ok(result);
}

/** A picture in another size, float32 [1, 3, h, w] in 0…1. */
export function resizeTo(picture: Tensor, to: PixelSize, kernel: ResampleKernel): Tensor {
  const resized = resamplePlanes(picture, to, kernel);
  return { ...resized, data: resized.data.map(cut) };
}

/**
 * Adds what the enlarged picture lacks of the small one: shrunk by areas it then gives about the small one back. One turn of iterative
 * back-projection (Irani, Peleg 1991). `share` 0 leaves the picture as it is.
 */
export function keepTo(enlarged: Tensor, small: Tensor, share: number): Tensor {
  const shrunk = resamplePlanes(enlarged, { width: sizeAt(small, 3), height: sizeAt(small, 2) }, 'box').data;
  const lacking = { ...small, data: small.data.map((value, at) => value - (shrunk[at] ?? 0)) };
  const spread = resamplePlanes(lacking, { width: sizeAt(enlarged, 3), height: sizeAt(enlarged, 2) }, 'bicubic').data;
  return { ...enlarged, data: enlarged.data.map((value, at) => cut(value + share * (spread[at] ?? 0))) };
}
