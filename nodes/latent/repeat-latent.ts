// One latent for a batch of variations.
import { defineNode } from '../define-node.ts';
import { fail, ok } from '../problem.ts';
import { sizeAt } from '../tensor.ts';
import { mapInterval, namesField, sizeField, struct } from '../types/socket-type.ts';
import { repeatPictures } from './repeat-rows.ts';

const MOST_PICTURES = 256;

export const repeatLatent = defineNode({
  id: 'latent.repeat',
  version: 1,
  title: 'Repeat Latent',
  category: 'latent',
  summary: 'Makes a batch of one latent, for several variations of a picture at once.',
  docs: `
A Sampler that is given one picture several times draws as many variations of it, each with noise of its own. As in diffusers
(\`num_images_per_prompt\`) and ComfyUI (RepeatLatentBatch): one seed draws the noise of the whole batch, and of what an encoder said about the
picture (VAE Encode, Inpaint) is drawn once for all. A list of seeds in the Sampler repeats one picture by itself and needs no such node.
A batch is repeated as a whole, one after the other.`,
  inputs: { latent: { type: 'latent', title: 'Latent', doc: 'Of any latent space.' } },
  outputs: { latent: { type: 'latent', title: 'Latent', doc: 'The same, so many times over.' } },
  params: {
    count: { kind: 'int', title: 'Times', doc: 'How often each picture is in the batch.', default: 4, min: 1, max: MOST_PICTURES },
  },
  outputTypes({ latent }, { count }) {
    const batch = sizeField(latent, 'batch');
    return {
      latent: struct('latent', {
        space: namesField(latent, 'space') ?? undefined,
        channels: sizeField(latent, 'channels'),
        width: sizeField(latent, 'width'),
        height: sizeField(latent, 'height'),
        frames: sizeField(latent, 'frames'),
        batch: count === undefined ? undefined : mapInterval(batch, (pictures) => pictures * count),
      }),
    };
  },
  async evaluate({ latent }, { count }, context) {
    context.signal.throwIfCancelled();
    const pictures = sizeAt(latent.samples, 0);
    if (pictures * count > MOST_PICTURES) {
      const sentence = `Repeat Latent would make a batch of ${pictures * count} pictures, and ${MOST_PICTURES} are the most. Give fewer Times.`;
      return fail('node.invalidInput', sentence, { socket: 'count' });
    }
    return ok({ latent: repeatPictures(latent, count) });
  },
});
