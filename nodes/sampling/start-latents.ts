import type { Scheduler } from '../schedulers/scheduler.ts';
import type { EncodedPicture, LatentValue } from '../socket-values.ts';
import { elementCount, repeatBatch, sizeAt, tensor, zeros } from '../tensor.ts';
import type { BatchGenerator } from './batch-generator.ts';
import type { VaryNoise } from './vary-noise.ts';

/** Where a denoising loop begins; float32 of the latent's shape. */
export interface StartLatents {
  readonly latents: Float32Array;
  /** N(0, 1): what the latents were noised with; zeros where nothing needs noise. */
  readonly noise: Float32Array;
  /** The given picture without noise; undefined where none is kept. */
  readonly clean: Float32Array | undefined;
  /** The picture with the hole, drawn from its distribution. */
  readonly masked: Float32Array | undefined;
}

/** Where in a schedule a loop begins, and with what. */
export interface StartPlace {
  /** The index of its first call. */
  readonly begin: number;
  /** Nothing of the picture is kept where it is painted. */
  readonly isFullStrength: boolean;
  /** The latent comes with the noise of its place; left out: it is clean. */
  readonly isNoised?: boolean;
}

/** True for a latent that is a blank canvas. */
export function isEmptyLatent({ samples, posterior }: LatentValue): boolean {
  return posterior === undefined && samples.data.every((value) => value === 0);
}

/**
 * The latents before the first step, drawn in diffusers' order: the picture's posterior, the noise, the posterior of the picture with the
 * hole. A blank canvas is pure noise; a given latent is noised to the first step's level, unless it is noised already, and then no noise is
 * drawn but for inpainting. A picture that repeats is drawn once, but with a generator for each repetition once by each. For inpainting at full
 * strength the start is pure noise too, and a model that sees the hole (`seesHole`) then needs no posterior of the picture.
 */
export function startLatents(
  latent: LatentValue,
  scheduler: Scheduler,
  { begin, isFullStrength, isNoised = false }: StartPlace,
  seesHole: boolean,
  { draw, seeds }: BatchGenerator,
  vary: VaryNoise = (noise) => noise,
): StartLatents {
  const { inpaint, samples } = latent;
  const count = elementCount(samples.shape);
  const isEmpty = isEmptyLatent(latent);
  const isPure = isEmpty || (inpaint !== undefined && isFullStrength && !isNoised);
  const keepsPicture = !isEmpty && !(isPure && seesHole);
  const rows = sizeAt(samples, 0);
  const drawFrom = ({ mean, std }: EncodedPicture): Float32Array => {
    if (std === undefined) return repeatBatch(mean, rows).data;
    const drawn = seeds.length > 1 ? repeatBatch(mean, rows) : mean;
    const noise = draw(drawn.data.length);
    const values = drawn.data.map((value, at) => value + (std.data[at % std.data.length] ?? 0) * (noise[at] ?? 0));
    return repeatBatch(tensor(values, drawn.shape), rows).data;
  };
  const clean = keepsPicture ? (latent.posterior === undefined ? samples.data : drawFrom(latent.posterior)) : undefined;
  const noise = isNoised && inpaint === undefined ? zeros(samples.shape).data : vary(draw(count));
  const masked = inpaint === undefined ? undefined : drawFrom(inpaint.masked);
  const sigma = scheduler.initNoiseSigma;
  const pure = (): Float32Array => (sigma === 1 ? noise : noise.map((value) => value * sigma));
  const noised = (picture: Float32Array): Float32Array => (isNoised ? picture : scheduler.addNoise(picture, noise, begin));
  const latents = isPure || clean === undefined ? pure() : noised(clean);
  return { latents, noise, clean, masked };
}
