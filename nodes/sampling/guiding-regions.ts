import { createResampler } from '../image/resample.ts';
import { fail, ok, type Result } from '../problem.ts';
import type { ConditioningValue, GuidingText, PictureSizes, TextRegion } from '../socket-values.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';

/** What is said in one place of the picture. */
export interface GuidingRegion {
  /** Guide together; at least one. */
  readonly texts: readonly GuidingText[];
  readonly sizes: PictureSizes | undefined;
  /** float32 [1 or batch, 1, height, width] in latent cells: how much it counts there; undefined: 1 everywhere. */
  readonly cover: Tensor | undefined;
}

/** Everything that a conditioning says, by regions. `title`: whose sentences the refusals are. */
export function regionsOf(
  title: string,
  socket: 'positive' | 'negative',
  conditioning: ConditioningValue,
  latents: Tensor,
): Result<GuidingRegion[]> {
  const batch = sizeAt(latents, 0);
  const regions: GuidingRegion[] = [];
  for (const one of [conditioning, ...(conditioning.beside ?? [])]) {
    const texts: readonly GuidingText[] = [one, ...(one.joined ?? [])];
    for (const text of texts.flatMap((each) => [each, ...(each.schedule?.texts ?? [])])) {
      const rows = sizeAt(text.states, 0);
      if (batch % rows !== 0) {
        return fail(
          'node.invalidInput',
          `${title} gets ${rows} texts for a batch of ${batch} pictures. Give one text, or one for each picture.`,
          { socket },
        );
      }
    }
    const masks = one.region === undefined ? 1 : sizeAt(one.region.mask, 0);
    if (masks !== 1 && masks !== batch) {
      return fail(
        'node.invalidInput',
        `${title} gets ${masks} masks of a region for a batch of ${batch} pictures. Give one mask, or one for each.`,
        { socket },
      );
    }
    regions.push({ texts, sizes: one.sizes, cover: one.region === undefined ? undefined : coverOf(one.region, latents) });
  }
  return ok(regions);
}

/** The mask in latent cells times the strength. */
function coverOf({ mask, strength }: TextRegion, latents: Tensor): Tensor {
  const from = { width: sizeAt(mask, 3), height: sizeAt(mask, 2) };
  const to = { width: sizeAt(latents, 3), height: sizeAt(latents, 2) };
  const resample = createResampler(from, to, 'bilinear');
  const [masks, pixels, cells] = [sizeAt(mask, 0), from.width * from.height, to.width * to.height];
  const data = new Float32Array(masks * cells);
  for (let index = 0; index < masks; index++) {
    data.set(resample(mask.data.subarray(index * pixels, (index + 1) * pixels)), index * cells);
  }
  for (let at = 0; at < data.length; at++) data[at] = Math.max(0, data[at] ?? 0) * strength;
  return tensor(data, [masks, 1, to.height, to.width]);
}
