// A picture enlarged by a network.
import type { Upscaler } from '../context.ts';
import { defineNode } from '../define-node.ts';
import { fail, ok, type Result } from '../problem.ts';
import { sizeAt, sliceBatch, type Tensor, tensor } from '../tensor.ts';
import { mapInterval, sizeField, struct } from '../types/socket-type.ts';
import { cutTile, planTiles, putTile } from './tiles.ts';
import { toColour } from './to-colour.ts';

/** The bundled upscaler. */
const MODEL = 'realesr-animevideov3';

/** Pixels around a tile that are computed and thrown away: farther apart, pixels of the bundled upscaler do not see each other. */
const OVERLAP_PX = 18;

/** The same for others, whose reach nobody knows. */
const OTHER_OVERLAP_PX = 32;

export const upscaleImage = defineNode({
  id: 'image.upscale',
  version: 1,
  title: 'Upscale Image',
  category: 'image',
  summary: 'Makes pictures larger with a network that was trained for it.',
  docs: `
Unlike Resize Image, which only spreads what is there, a network redraws edges and texture. **Real-ESRGAN anime video v3** (Wang et al. 2021,
BSD-3) makes drawings four times as large and is bundled; photographs it smooths.

**Model** opens others: any network in an \`.onnx\` file that takes colour pictures of any size in 0…1 and makes both sides the same whole
number of times larger (ESRGAN, Real-ESRGAN, SwinIR, waifu2x … as they are exported). How much larger shows when it runs.

Large pictures are worked off in tiles of **Tile** pixels with ${OVERLAP_PX} pixels of overlap (others: ${OTHER_OVERLAP_PX}), which leaves no
seams and keeps memory bounded. Values beyond 0…1 are cut off. Grey pictures become colour pictures; transparency is refused.`,
  inputs: { image: { type: 'image', title: 'Image', doc: 'Any size.' } },
  outputs: { image: { type: 'image', title: 'Image', doc: 'float32 NCHW [batch, 3, scale · height, scale · width] in 0…1.' } },
  params: {
    model: { kind: 'model', title: 'Model', doc: 'The bundled upscaler, a folder or an .onnx file.', default: MODEL, holds: 'upscaler' },
    tile: {
      kind: 'int',
      title: 'Tile',
      doc: 'Side of the tiles that large pictures are cut into.',
      default: 256,
      min: 64,
      max: 4096,
      step: 64,
      unit: 'px',
    },
  },
  outputTypes({ image }, { model }, context) {
    const facts = model === undefined ? undefined : context.addOnFacts('upscaler', model);
    const scale = facts?.ok ? facts.value.scale : undefined;
    const larger = (field: 'width' | 'height') =>
      scale === undefined ? undefined : mapInterval(sizeField(image, field), (px) => px * scale);
    return { image: struct('image', { width: larger('width'), height: larger('height'), channels: 3, batch: sizeField(image, 'batch') }) };
  },
  async evaluate({ image }, { model, tile }, context) {
    if (sizeAt(image, 1) === 4) {
      return fail(
        'node.invalidInput',
        'Upscale Image gets a picture with transparency, which it cannot enlarge. Load the picture without it.',
        {
          socket: 'image',
        },
      );
    }
    const opened = await context.models.openUpscaler(model);
    if (!opened.ok) return opened;
    const [batch, height, width] = [sizeAt(image, 0), sizeAt(image, 2), sizeAt(image, 3)];
    const tiles = planTiles(width, height, tile, model === MODEL ? OVERLAP_PX : OTHER_OVERLAP_PX);
    const { scale } = opened.value;
    const size = 3 * height * width * scale * scale;
    const result = tensor(new Float32Array(batch * size), [batch, 3, height * scale, width * scale]);
    for (let index = 0; index < batch; index++) {
      const picture = toColour(sliceBatch(image, index, index + 1));
      for (const [at, place] of tiles.entries()) {
        context.signal.throwIfCancelled();
        const enlarged = await upscaleTile(opened.value, cutTile(picture, place));
        if (!enlarged.ok) return enlarged;
        putTile(sliceBatch(result, index, index + 1), enlarged.value, place, scale);
        context.progress(index * tiles.length + at + 1, batch * tiles.length);
      }
    }
    return ok({ image: result });
  },
});

async function upscaleTile(upscaler: Upscaler, tile: Tensor): Promise<Result<Tensor>> {
  const enlarged = await upscaler.upscale(tile);
  if (!enlarged.ok) return enlarged;
  const { data, shape } = enlarged.value;
  return ok(
    tensor(
      data.map((value) => (value < 0 ? 0 : value > 1 ? 1 : value)),
      shape,
    ),
  );
}
