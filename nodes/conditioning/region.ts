// A text that acts in a part of the picture.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';

export const region = defineNode({
  id: 'conditioning.region',
  version: 1,
  title: 'Region',
  category: 'conditioning',
  summary: 'Lets a text act only where a mask is white.',
  docs: `
Attaches a mask to a conditioning. Wire several of these, and a text for the whole picture, into a Combine; in each step, the model then predicts
once for each text, and every cell of the latent takes the mean of the predictions by how much their masks cover it, as ComfyUI's
conditioning masks do. The mask may have any size: it is stretched to what is drawn (bilinear, as Pillow shrinks) and then multiplied by **Strength**. A text
without a region counts 1 everywhere, so a region of strength 3 over it makes three quarters of the picture there.

What no mask covers is drawn as without text (or as the negative one says); ComfyUI predicts zeros there. Soft masks blend over. Texts do
not know of each other: the same style in each of them, and a text for the whole picture beside them, hold the picture together.

One mask serves a whole batch, or each picture has its own. A conditioning that has a region already, or was combined out of several, has the
new one alone.`,
  inputs: {
    conditioning: { type: 'conditioning', title: 'Conditioning', doc: 'What is said there.' },
    mask: { type: 'mask', title: 'Mask', doc: '1: here; 0: not here.' },
  },
  outputs: { conditioning: { type: 'conditioning', title: 'Conditioning', doc: 'The same text, for this region.' } },
  params: {
    strength: {
      kind: 'number',
      title: 'Strength',
      doc: 'How much it counts where it overlaps with others.',
      default: 1,
      min: 0,
      max: 10,
      step: 0.1,
    },
  },
  outputTypes: ({ conditioning }) => (conditioning === undefined ? {} : { conditioning }),
  async evaluate({ conditioning, mask }, { strength }, context) {
    context.signal.throwIfCancelled();
    const own = { mask, strength };
    const { beside } = conditioning;
    const rest = beside === undefined ? {} : { beside: beside.map((one) => ({ ...one, region: own })) };
    return ok({ conditioning: { ...conditioning, region: own, ...rest } });
  },
});
