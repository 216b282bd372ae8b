import type { ModelValue, PictureSizes } from '../socket-values.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';

/** How good a picture the refiner is told to make, and how bad one it is led away from; diffusers' defaults. */
const AESTHETIC_SCORE = 6;
const NEGATIVE_AESTHETIC_SCORE = 2.5;

/**
 * SDXL's size conditioning (Podell et al. 2023, section 2.2): float32 [rows, 6] of original height and width, top and left of the crop,
 * target height and width, in pixels; the refiner's [rows, 5] has an aesthetic score for the target. Without sizes of its own, the text
 * gets the picture's, and nothing is cropped. Rows without text come first where there is guidance; without sizes of their own they get
 * those of the text, the refiner's (as in diffusers) without its crop.
 */
export function timeIdsOf(
  { timeIds, space }: ModelValue,
  latents: Tensor,
  positive: { readonly sizes: PictureSizes | undefined },
  negative: { readonly sizes: PictureSizes | undefined } | undefined,
): Tensor {
  const [height, width] = [sizeAt(latents, 2) * space.factor, sizeAt(latents, 3) * space.factor];
  const own = { originalHeight: height, originalWidth: width, cropTop: 0, cropLeft: 0, targetHeight: height, targetWidth: width };
  const row = (sizes: PictureSizes, score: number): number[] => {
    const { originalHeight, originalWidth, cropTop, cropLeft, targetHeight, targetWidth } = sizes;
    const first = [originalHeight, originalWidth, cropTop, cropLeft];
    return timeIds === 5 ? [...first, score] : [...first, targetHeight, targetWidth];
  };
  const withText = positive.sizes ?? own;
  const kinds = [row(withText, AESTHETIC_SCORE)];
  const withoutText = negative?.sizes ?? (timeIds === 5 ? { ...withText, cropTop: 0, cropLeft: 0 } : withText);
  if (negative !== undefined) kinds.unshift(row(withoutText, NEGATIVE_AESTHETIC_SCORE));
  const batch = sizeAt(latents, 0);
  const rows = kinds.flatMap((one) => Array.from({ length: batch }, () => one));
  return tensor(Float32Array.from(rows.flat()), [rows.length, timeIds]);
}
