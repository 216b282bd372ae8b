// A picture enlarged by a network.
import { defineNode } from '../define-node.ts';
import { fail, ok } from '../problem.ts';
import { sizeAt, sliceBatch, tensor } from '../tensor.ts';
import { mapInterval, sizeField, struct } from '../types/socket-type.ts';
import { type EnlargeStep, enlargeOnce, keepTo, planEnlarging, resizeTo } from './enlarge-by.ts';
import { explainTooLarge } from './largest-picture.ts';
import type { PixelSize } from './resample.ts';
import { planTiles } from './tiles.ts';
import { toColour } from './to-colour.ts';

const TITLE = 'Upscale Image';

/** The bundled upscaler. */
const MODEL = 'realesr-animevideov3';

/** Pixels around a tile that are computed and thrown away: farther apart, pixels of the bundled upscaler do not see each other. */
const OVERLAP_PX = 18;

/** The same for others, whose reach nobody knows. */
const OTHER_OVERLAP_PX = 32;

const FACTORS = { x2: 2, x4: 4, x8: 8, x16: 16 } as const;
const FACTOR_TITLES = { own: 'As the network has it', x2: '2 times', x4: '4 times', x8: '8 times', x16: '16 times' } as const;

export const upscaleImage = defineNode({
  id: 'image.upscale',
  version: 1,
  title: TITLE,
  category: 'image',
  summary: 'Makes pictures larger with a network that was trained for it.',
  docs: `
Unlike Resize Image, which only spreads what is there, a network redraws edges and texture. **Real-ESRGAN anime video v3** (Wang et al. 2021,
BSD-3) makes drawings four times as large and is bundled; photographs it smooths.

**Model** opens others: any network in an \`.onnx\` file that takes colour pictures of any size in 0…1 and makes both sides the same whole
number of times larger (ESRGAN, Real-ESRGAN, SwinIR, waifu2x … as they are exported). How much larger shows when it runs.

**Factor** asks for another size than the network makes: it is run again and again until that is reached, and what is too large is shrunk by
areas, before the last time where that saves work: eight times with the bundled network is four times, shrunk to two, four times again.

**Faithful** brings back what the network has changed: at 1 the enlarged picture, shrunk again, is about the one that came in. Of drawings
that had been made smaller that gives 1.5 dB more; of soft pictures it also keeps their softness, which the network alone clears up.

Large pictures are worked off in tiles of **Tile** pixels with ${OVERLAP_PX} pixels of overlap (others: ${OTHER_OVERLAP_PX}), which leaves no
seams and keeps memory bounded. Values beyond 0…1 are cut off. Grey pictures become colour pictures; transparency is refused.`,
  inputs: { image: { type: 'image', title: 'Image', doc: 'Any size.' } },
  outputs: { image: { type: 'image', title: 'Image', doc: 'float32 NCHW [batch, 3, factor · height, factor · width] in 0…1.' } },
  params: {
    model: { kind: 'model', title: 'Model', doc: 'The bundled upscaler, a folder or an .onnx file.', default: MODEL, holds: 'upscaler' },
    factor: { kind: 'choice', title: 'Factor', doc: 'How many times as large both sides become.', default: 'own', options: FACTOR_TITLES },
    faithful: {
      kind: 'number',
      title: 'Faithful',
      doc: 'How much of what the network has changed is brought back.',
      default: 0,
      min: 0,
      max: 1,
      step: 0.05,
      advanced: true,
    },
    tile: {
      kind: 'int',
      title: 'Tile',
      doc: 'Side of the tiles that large pictures are cut into.',
      default: 256,
      min: 64,
      max: 4096,
      step: 64,
      unit: 'px',
      advanced: true,
    },
  },
  outputTypes({ image }, { model, factor }, context) {
    const facts = model === undefined || factor !== 'own' ? undefined : context.addOnFacts('upscaler', model);
    const scale = factor === undefined ? undefined : factor === 'own' ? (facts?.ok ? facts.value.scale : undefined) : timesOf(factor);
    const larger = (field: 'width' | 'height') =>
      scale === undefined ? undefined : mapInterval(sizeField(image, field), (px) => px * scale);
    return { image: struct('image', { width: larger('width'), height: larger('height'), channels: 3, batch: sizeField(image, 'batch') }) };
  },
  async evaluate({ image }, { model, factor, faithful, tile }, context) {
    if (sizeAt(image, 1) === 4) {
      const sentence = 'Upscale Image gets a picture with transparency, which it cannot enlarge. Load the picture without it.';
      return fail('node.invalidInput', sentence, { socket: 'image' });
    }
    const opened = await context.models.openUpscaler(model);
    if (!opened.ok) return opened;
    const [batch, height, width] = [sizeAt(image, 0), sizeAt(image, 2), sizeAt(image, 3)];
    const times = factor === 'own' ? opened.value.scale : timesOf(factor);
    const tooLarge = explainTooLarge(TITLE, width * times, height * times);
    if (tooLarge !== undefined) return fail('node.invalidInput', tooLarge, { socket: 'factor' });
    const steps = planEnlarging(opened.value.scale, times);
    const tiles = countTiles(steps, opened.value.scale, { width, height }, tile);
    let done = 0;
    const enlarging = {
      upscaler: opened.value,
      tilePx: tile,
      overlapPx: model === MODEL ? OVERLAP_PX : OTHER_OVERLAP_PX,
      beforeTile: () => context.signal.throwIfCancelled(),
      afterTile: () => context.progress(++done, batch * tiles),
    };
    const result = tensor(new Float32Array(batch * 3 * height * width * times * times), [batch, 3, height * times, width * times]);
    for (let index = 0; index < batch; index++) {
      const small = toColour(sliceBatch(image, index, index + 1));
      let picture = small;
      for (const step of steps) {
        if (step.kind === 'shrink') {
          picture = resizeTo(picture, { width: width * step.to, height: height * step.to }, 'box');
          continue;
        }
        const enlarged = await enlargeOnce(picture, enlarging);
        if (!enlarged.ok) return enlarged;
        picture = enlarged.value;
      }
      const kept = faithful === 0 ? picture : keepTo(picture, small, faithful);
      result.data.set(kept.data, index * kept.data.length);
    }
    return ok({ image: result });
  },
});

function timesOf(factor: string): number {
  const [, times] = Object.entries(FACTORS).find(([name]) => name === factor) ?? [];
  if (times === undefined) throw new Error(`${factor} is no factor`);
  return times;
}

/** How many tiles one picture is worked off in, all together. */
function countTiles(steps: readonly EnlargeStep[], scale: number, { width, height }: PixelSize, tilePx: number): number {
  let [size, tiles] = [1, 0];
  for (const step of steps) {
    if (step.kind === 'network') tiles += planTiles(width * size, height * size, tilePx, 0).length;
    size = step.kind === 'network' ? size * scale : step.to;
  }
  return tiles;
}
