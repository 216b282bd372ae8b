// Latents to pictures.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';
import { concatBatch, sizeAt, sliceBatch, type Tensor } from '../tensor.ts';
import { literal, mapInterval, sizeField, struct } from '../types/socket-type.ts';
import { checkSpace, refuseOtherSpace } from './latent-space.ts';

export const vaeDecode = defineNode({
  id: 'latent.vaeDecode',
  version: 1,
  title: 'VAE Decode',
  category: 'latent',
  summary: 'Turns latents into pictures.',
  docs: `
Divides the latents by the autoencoder's scaling factor and runs its decoder, one picture at a time. The result is float32
[batch, 3, height, width], sRGB values in 0…1; what the network drives beyond is cut off, as diffusers does. Latents of another
space are refused: an SDXL latent has the shape of an SD 1.5 latent and still means other colours.`,
  inputs: {
    vae: { type: 'vae', title: 'VAE', doc: 'The autoencoder of the model that drew the latents.' },
    latent: { type: 'latent', title: 'Latent', doc: 'From a sampler, as a rule.' },
  },
  outputs: { image: { type: 'image', title: 'Image', doc: 'Pictures, float32 NCHW [batch, 3, height, width] in 0…1.' } },
  params: {},
  outputTypes({ vae, latent }, _params, context) {
    refuseOtherSpace(context, vae, 'latent', latent, (wants, gives) => `${context.title} decodes ${wants} latents; ${gives}`);
    const factor = literal(sizeField(vae, 'factor'));
    const pixels = (field: 'width' | 'height') =>
      factor === undefined ? undefined : mapInterval(sizeField(latent, field), (cells) => cells * factor);
    return {
      image: struct('image', { width: pixels('width'), height: pixels('height'), channels: 3, batch: sizeField(latent, 'batch') }),
    };
  },
  async evaluate({ vae, latent }, _params, context) {
    const other = checkSpace('VAE Decode', vae.space, latent.space);
    if (other !== undefined) return other;
    const batch = sizeAt(latent.samples, 0);
    const pictures: Tensor[] = [];
    for (let index = 0; index < batch; index++) {
      context.signal.throwIfCancelled();
      const decoded = await context.models.decode(vae, sliceBatch(latent.samples, index, index + 1));
      if (!decoded.ok) return decoded;
      pictures.push(decoded.value);
      context.progress(index + 1, batch);
    }
    return ok({ image: concatBatch(pictures) });
  },
});
