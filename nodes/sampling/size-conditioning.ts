import type { ModelValue } from '../socket-values.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';

/** How good a picture the refiner is told to make, and how bad one it is led away from; diffusers' defaults. */
const AESTHETIC_SCORE = 6;
const NEGATIVE_AESTHETIC_SCORE = 2.5;

/**
 * SDXL's size conditioning (Podell et al. 2023, section 2.2): float32 [rows, 6] of original height and width, top and left of the crop,
 * target height and width, in pixels; the refiner's [rows, 5] has an aesthetic score for the target. Original and target are the
 * picture's own size, nothing is cropped. Rows without text come first where there is guidance.
 */
export function sizeConditioning({ timeIds, space }: ModelValue, latents: Tensor, isGuided: boolean): Tensor {
  const [height, width] = [sizeAt(latents, 2) * space.factor, sizeAt(latents, 3) * space.factor];
  const row = (score: number): number[] => (timeIds === 5 ? [height, width, 0, 0, score] : [height, width, 0, 0, height, width]);
  const batch = sizeAt(latents, 0);
  const scores = isGuided ? [NEGATIVE_AESTHETIC_SCORE, AESTHETIC_SCORE] : [AESTHETIC_SCORE];
  const rows = scores.flatMap((score) => Array.from({ length: batch }, () => row(score)));
  return tensor(Float32Array.from(rows.flat()), [rows.length, timeIds]);
}
