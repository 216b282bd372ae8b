// A repainted part put back into its picture.
import { defineNode } from '../define-node.ts';
import { createResampler, type SourceBox } from '../image/resample.ts';
import { fail, ok, type Result } from '../problem.ts';
import { sizeAt, sliceBatch, type Tensor, tensor } from '../tensor.ts';
import { sizeField, struct } from '../types/socket-type.ts';
import { refuseOtherSize } from './crop-to-mask.ts';
import { paintedBox } from './mask-region.ts';
import { softenMask } from './soften-mask.ts';

export const stitch = defineNode({
  id: 'mask.stitch',
  version: 1,
  title: 'Stitch',
  category: 'mask',
  summary: 'Puts a repainted part back into the picture it was cut out of.',
  docs: `
The other half of Crop to Mask: the part is resampled (Lanczos) to the size of **Region** and laid over the picture where the mask is painted,
so that every pixel that was not painted stays as it was, to the bit. **Feather** widens the mask by so many pixels with a soft edge, which
hides the seam. Several parts give several pictures; without a mask the whole region is replaced.`,
  inputs: {
    image: { type: 'image', title: 'Image', doc: 'The whole picture.' },
    part: { type: 'image', title: 'Part', doc: 'What a model made of the part.' },
    region: { type: 'mask', title: 'Region', doc: 'Crop to Mask’s.' },
    mask: { type: 'mask', title: 'Mask', doc: 'What was painted, in the whole picture; left unwired, all of the region.', optional: true },
  },
  outputs: { image: { type: 'image', title: 'Image', doc: 'The picture with the part in it.' } },
  params: { feather: { kind: 'int', title: 'Feather', doc: 'Width of the soft edge.', default: 8, min: 0, max: 256, unit: 'px' } },
  outputTypes({ image, part, region, mask }, _params, context) {
    refuseOtherSize(context, image, mask, 'mask');
    refuseOtherSize(context, image, region, 'region');
    const [batch, parts] = [sizeField(image, 'batch'), sizeField(part, 'batch')];
    return {
      image: struct('image', {
        width: sizeField(image, 'width'),
        height: sizeField(image, 'height'),
        channels: sizeField(image, 'channels'),
        batch: { min: Math.max(batch.min, parts.min), max: Math.max(batch.max, parts.max) },
      }),
    };
  },
  async evaluate({ image, part, region, mask }, { feather }, context) {
    context.signal.throwIfCancelled();
    const box = paintedBox(region);
    if (box === undefined)
      return fail('node.invalidInput', 'Stitch gets an empty region. Wire that of Crop to Mask.', { socket: 'region' });
    const misfit = findMisfit(image, part, region, mask);
    if (misfit !== undefined) return misfit;
    const cover = mask === undefined ? region : softenMask(mask, feather);
    const rows = Math.max(sizeAt(image, 0), sizeAt(part, 0));
    const [channels, height, width] = [sizeAt(image, 1), sizeAt(image, 2), sizeAt(image, 3)];
    const data = new Float32Array(rows * channels * height * width);
    const rowOf = (value: Tensor, row: number): Tensor => (sizeAt(value, 0) === 1 ? value : sliceBatch(value, row, row + 1));
    for (let row = 0; row < rows; row++) {
      data.set(layOver(rowOf(image, row), rowOf(part, row), rowOf(cover, row), box), row * channels * height * width);
    }
    return ok({ image: tensor(data, [rows, channels, height, width]) });
  },
});

function findMisfit(image: Tensor, part: Tensor, region: Tensor, mask: Tensor | undefined): Result<never> | undefined {
  const [width, height] = [sizeAt(image, 3), sizeAt(image, 2)];
  for (const [socket, value] of [
    ['region', region],
    ['mask', mask],
  ] as const) {
    if (value === undefined || (sizeAt(value, 3) === width && sizeAt(value, 2) === height)) continue;
    const sentence = `Stitch gets a ${socket} of ${sizeAt(value, 3)}×${sizeAt(value, 2)} for a picture of ${width}×${height} pixels. Wire those of the whole picture.`;
    return fail('node.invalidInput', sentence, { socket });
  }
  if (sizeAt(image, 1) !== sizeAt(part, 1)) {
    const sentence = `Stitch gets a part with ${sizeAt(part, 1)} channels for a picture with ${sizeAt(image, 1)}. Give both the same.`;
    return fail('node.invalidInput', sentence, { socket: 'part' });
  }
  const counts = [image, part, mask ?? part].map((value) => sizeAt(value, 0));
  const most = Math.max(...counts);
  if (counts.every((count) => count === 1 || count === most)) return undefined;
  return fail(
    'node.invalidInput',
    `Stitch gets ${counts[0]} pictures, ${counts[1]} parts and ${counts[2]} masks. Give one of each, or equally many.`,
    {
      socket: 'part',
    },
  );
}

/** One picture with the part over it; planes, row-major. */
function layOver(image: Tensor, part: Tensor, cover: Tensor, { left, top, right, bottom }: SourceBox): Float32Array {
  const [channels, height, width] = [sizeAt(image, 1), sizeAt(image, 2), sizeAt(image, 3)];
  const from = { width: sizeAt(part, 3), height: sizeAt(part, 2) };
  const [wide, tall] = [right - left, bottom - top];
  const resample = createResampler(from, { width: wide, height: tall }, 'lanczos');
  const data = image.data.slice();
  for (let channel = 0; channel < channels; channel++) {
    const values = resample(part.data.subarray(channel * from.width * from.height, (channel + 1) * from.width * from.height));
    for (let at = 0; at < values.length; at++) {
      const place = (top + Math.floor(at / wide)) * width + left + (at % wide);
      const share = cover.data[place] ?? 0;
      const to = channel * height * width + place;
      if (share > 0) data[to] = (1 - share) * (data[to] ?? 0) + share * Math.min(1, Math.max(0, values[at] ?? 0));
    }
  }
  return data;
}
