import type { Scheduler } from '../schedulers/scheduler.ts';
import type { InpaintPart } from '../socket-values.ts';
import { sizeAt, type Tensor } from '../tensor.ts';

/**
 * Puts the kept part back after a step (mask blending, diffusers' inpainting with ordinary models): outside of the mask the clean latents
 * noised to the level that the step has come to, after the last step not noised. Returns fresh latents, float32 NCHW.
 */
export function blendKeptPart(
  latents: Float32Array,
  clean: Float32Array,
  noise: Float32Array,
  { mask }: InpaintPart,
  scheduler: Scheduler,
  nextIndex: number,
): Float32Array {
  const kept = nextIndex < scheduler.timesteps.length ? scheduler.addNoise(clean, noise, nextIndex) : clean;
  const blended = new Float32Array(latents.length);
  const rows = sizeAt(mask, 0);
  const cells = mask.data.length / rows;
  const perRow = latents.length / rows;
  for (let at = 0; at < latents.length; at++) {
    const painted = mask.data[Math.floor(at / perRow) * cells + (at % cells)] ?? 0;
    blended[at] = Math.fround((1 - painted) * (kept[at] ?? 0)) + Math.fround(painted * (latents[at] ?? 0));
  }
  return blended;
}

/** What a 9-channel inpainting U-Net is given beside the noisy latents: mask and masked picture, float32 [batch, 5, h, w] for `batch` rows. */
export function holeChannels(sample: Tensor, mask: Tensor, masked: Float32Array): Float32Array {
  const [batch, channels] = [sizeAt(sample, 0), sizeAt(sample, 1)];
  const cells = sizeAt(sample, 2) * sizeAt(sample, 3);
  const pictures = sizeAt(mask, 0);
  const total = 2 * channels + 1;
  const data = new Float32Array(batch * total * cells);
  for (let row = 0; row < batch; row++) {
    const picture = row % pictures;
    const start = row * total * cells;
    data.set(sample.data.subarray(row * channels * cells, (row + 1) * channels * cells), start);
    data.set(mask.data.subarray(picture * cells, (picture + 1) * cells), start + channels * cells);
    data.set(masked.subarray(picture * channels * cells, (picture + 1) * channels * cells), start + (channels + 1) * cells);
  }
  return data;
}
