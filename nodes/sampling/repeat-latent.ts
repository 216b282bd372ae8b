import type { SeedParam } from '../params.ts';
import type { EncodedPicture, LatentValue } from '../socket-values.ts';
import { repeatBatch, sizeAt, type Tensor } from '../tensor.ts';
import type { Interval } from '../types/socket-type.ts';

/** A latent with all of its pictures so many times over, one row of them after the other. */
export function repeatLatent(latent: LatentValue, times: number): LatentValue {
  const { samples, posterior, inpaint, ...rest } = latent;
  const more = (value: Tensor): Tensor => repeatBatch(value, times * sizeAt(value, 0));
  const encoded = ({ mean, std }: EncodedPicture): EncodedPicture => ({
    mean: more(mean),
    ...(std === undefined ? {} : { std: more(std) }),
  });
  return {
    ...rest,
    samples: more(samples),
    ...(posterior === undefined ? {} : { posterior: { mean: more(posterior.mean), std: more(posterior.std) } }),
    ...(inpaint === undefined ? {} : { inpaint: { mask: more(inpaint.mask), masked: encoded(inpaint.masked) } }),
  };
}

/** A latent of one picture once for each of several seeds, as diffusers repeats a picture for a list of generators; others as they are. */
export function repeatForSeeds(latent: LatentValue, seed: SeedParam): LatentValue {
  return Array.isArray(seed) && sizeAt(latent.samples, 0) === 1 ? repeatLatent(latent, seed.length) : latent;
}

/** How many pictures `repeatForSeeds` gives of `batch` pictures; `seed` undefined: not known yet. */
export function batchForSeeds(batch: Interval, seed: SeedParam | undefined): Interval {
  if (batch.min > 1) return batch;
  if (seed === undefined) return { min: batch.min, max: Number.POSITIVE_INFINITY };
  // What is neither one picture nor as many as seeds is refused in the run.
  return Array.isArray(seed) ? { min: seed.length, max: seed.length } : batch;
}
