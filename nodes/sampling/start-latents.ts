import type { Scheduler } from '../schedulers/scheduler.ts';
import type { EncodedPicture, LatentValue } from '../socket-values.ts';
import { zeros } from '../tensor.ts';
import type { BatchGenerator } from './batch-generator.ts';
import type { VaryNoise } from './vary-noise.ts';

/** Where a denoising loop begins; float32 of the latent's shape. */
export interface StartLatents {
  readonly latents: Float32Array;
  /** N(0, 1): what the latents were noised with. */
  readonly noise: Float32Array;
  /** The given picture without noise; undefined where none is kept. */
  readonly clean: Float32Array | undefined;
  /** The picture with the hole, drawn from its distribution. */
  readonly masked: Float32Array | undefined;
}

/** True for a latent that is a blank canvas. */
export function isEmptyLatent({ samples, posterior }: LatentValue): boolean {
  return posterior === undefined && samples.data.every((value) => value === 0);
}

/**
 * The latents before the first step, drawn in diffusers' order: the picture's posterior, the noise, the posterior of the picture with the
 * hole. A blank canvas is pure noise; a given latent is noised to the first step's level. For inpainting at full strength the start is pure
 * noise too, and a model that sees the hole (`seesHole`) then needs no posterior of the picture.
 */
export function startLatents(
  latent: LatentValue,
  scheduler: Scheduler,
  begin: number,
  isFullStrength: boolean,
  seesHole: boolean,
  { draw }: BatchGenerator,
  vary: VaryNoise = (noise) => noise,
): StartLatents {
  const { inpaint, samples } = latent;
  const count = zeros(samples.shape).data.length;
  const isPure = isEmptyLatent(latent) || (inpaint !== undefined && isFullStrength);
  const keepsPicture = !isEmptyLatent(latent) && !(inpaint !== undefined && isFullStrength && seesHole);
  const drawFrom = ({ mean, std }: EncodedPicture): Float32Array => {
    if (std === undefined) return mean.data;
    const noise = draw(mean.data.length);
    return mean.data.map((value, at) => value + (std.data[at] ?? 0) * (noise[at] ?? 0));
  };
  const clean = keepsPicture ? (latent.posterior === undefined ? samples.data : drawFrom(latent.posterior)) : undefined;
  const noise = vary(draw(count));
  const masked = inpaint === undefined ? undefined : drawFrom(inpaint.masked);
  const sigma = scheduler.initNoiseSigma;
  const pure = (): Float32Array => (sigma === 1 ? noise : noise.map((value) => value * sigma));
  const latents = isPure || clean === undefined ? pure() : scheduler.addNoise(clean, noise, begin);
  return { latents, noise, clean, masked };
}
