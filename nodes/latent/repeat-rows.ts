import type { SeedParam } from '../params.ts';
import type { EncodedPicture, LatentValue } from '../socket-values.ts';
import { repeatBatch, sizeAt, type Tensor } from '../tensor.ts';
import type { Interval } from '../types/socket-type.ts';

/**
 * A latent with all of its pictures so many times over, one row of them after the other. What encodes pictures stays as it is: it is drawn
 * once for all that repeat it, as in diffusers.
 */
export function repeatPictures({ samples, inpaint, ...rest }: LatentValue, times: number): LatentValue {
  return {
    ...rest,
    samples: repeatRows(samples, times),
    ...(inpaint === undefined ? {} : { inpaint: { ...inpaint, mask: repeatRows(inpaint.mask, times) } }),
  };
}

/** The same for copies that draw the same noise side by side, each from distributions of its own. */
export function copyLatent(latent: LatentValue, copies: number): LatentValue {
  const { posterior, inpaint, ...rest } = repeatPictures(latent, copies);
  const copy = ({ mean, std }: EncodedPicture): EncodedPicture => ({
    mean: repeatRows(mean, copies),
    ...(std === undefined ? {} : { std: repeatRows(std, copies) }),
  });
  return {
    ...rest,
    ...(posterior === undefined ? {} : { posterior: { mean: repeatRows(posterior.mean, copies), std: repeatRows(posterior.std, copies) } }),
    ...(inpaint === undefined ? {} : { inpaint: { ...inpaint, masked: copy(inpaint.masked) } }),
  };
}

function repeatRows(value: Tensor, times: number): Tensor {
  return repeatBatch(value, times * sizeAt(value, 0));
}

/** A latent of one picture once for each of several seeds, as diffusers repeats a picture for a list of generators; others as they are. */
export function repeatForSeeds(latent: LatentValue, seed: SeedParam): LatentValue {
  return Array.isArray(seed) && sizeAt(latent.samples, 0) === 1 ? repeatPictures(latent, seed.length) : latent;
}

/** How many pictures `repeatForSeeds` gives of `batch` pictures; `seed` undefined: not known yet. */
export function batchForSeeds(batch: Interval, seed: SeedParam | undefined): Interval {
  if (batch.min > 1) return batch;
  if (seed === undefined) return { min: batch.min, max: Number.POSITIVE_INFINITY };
  // What is neither one picture nor as many as seeds is refused in the run.
  return Array.isArray(seed) ? { min: seed.length, max: seed.length } : batch;
}
