// Latents of another size, for a second pass at a higher resolution.
import { defineNode } from '../define-node.ts';
import { resamplePlanes } from '../image/resample-planes.ts';
import { fail, ok } from '../problem.ts';
import { sizeAt } from '../tensor.ts';
import { type Interval, mapInterval, namesField, sizeField, struct } from '../types/socket-type.ts';
import { nearestExact } from './nearest-exact.ts';

const LARGEST_CELLS = 2048;

export const resizeLatent = defineNode({
  id: 'latent.resize',
  version: 1,
  title: 'Resize Latent',
  category: 'latent',
  summary: 'Resamples latents to another size without decoding them.',
  docs: `
For a second pass at a higher resolution: a Sampler at a **Strength** of 0.5 to 0.7 then draws what resampling cannot know. Latents are no
pictures, and between two cells there is nothing a decoder was trained on, so less strength leaves blur or patterns; upscaling the decoded
picture and encoding it again keeps more. **Method** is as in Resize Image (torch's \`interpolate\` with \`antialias\`); \`nearest\` is ComfyUI's
\`nearest-exact\`. Sides are rounded to whole cells and may be 2048 cells long. What an Inpaint node said about the latent is left behind.`,
  inputs: { latent: { type: 'latent', title: 'Latent', doc: 'Of any latent space.' } },
  outputs: { latent: { type: 'latent', title: 'Latent', doc: 'The same in another size.' } },
  params: {
    scale: { kind: 'number', title: 'Scale', doc: 'How many times as wide and high.', default: 1.5, min: 0.05, max: 8, step: 0.25 },
    method: {
      kind: 'choice',
      title: 'Method',
      doc: 'How values between cells are found.',
      default: 'bilinear',
      options: { nearest: 'Nearest', box: 'Box', bilinear: 'Bilinear', bicubic: 'Bicubic', lanczos: 'Lanczos' },
    },
  },
  outputTypes({ latent }, { scale }) {
    const scaled = (field: 'width' | 'height'): Interval | undefined =>
      scale === undefined ? undefined : mapInterval(sizeField(latent, field), (cells) => scaleCells(cells, scale));
    return {
      latent: struct('latent', {
        space: namesField(latent, 'space') ?? undefined,
        channels: sizeField(latent, 'channels'),
        width: scaled('width'),
        height: scaled('height'),
        frames: sizeField(latent, 'frames'),
        batch: sizeField(latent, 'batch'),
      }),
    };
  },
  async evaluate({ latent }, { scale, method }, context) {
    context.signal.throwIfCancelled();
    const { samples, space } = latent;
    const to = { width: scaleCells(sizeAt(samples, 3), scale), height: scaleCells(sizeAt(samples, 2), scale) };
    const longest = Math.max(to.width, to.height);
    if (scale > 1 && longest > LARGEST_CELLS) {
      const sentence = `Resize Latent would give ${to.width}×${to.height} cells, and a side may have ${LARGEST_CELLS}. Lower Scale.`;
      return fail('node.invalidInput', sentence, { socket: 'scale' });
    }
    const resized = method === 'nearest' ? nearestExact(samples, to) : resamplePlanes(samples, to, method);
    return ok({ latent: { kind: 'latent' as const, samples: resized, space } });
  },
});

function scaleCells(cells: number, scale: number): number {
  if (!Number.isFinite(cells)) return cells;
  return Math.max(1, Math.round(cells * scale));
}
