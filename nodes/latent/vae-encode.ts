// Pictures to latents.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';
import { encodeBatch, posteriorOf } from './encode-batch.ts';
import { encodedLatentType } from './encoded-size.ts';
import { FIT_PARAM, fitPicture } from './fit-picture.ts';

export const vaeEncode = defineNode({
  id: 'latent.vaeEncode',
  version: 1,
  title: 'VAE Encode',
  category: 'latent',
  summary: 'Turns pictures into latents, for a sampler to start from.',
  docs: `
Runs the autoencoder's encoder over each picture and multiplies by its scaling factor: float32 [batch, channels, height / factor,
width / factor]. The encoder gives a normal distribution; the latent holds its mean, and a sampler draws from the distribution before it
adds noise, as diffusers does, so that the same seed gives the same picture. TAESD gives a latent and no distribution, so nothing is drawn.

The picture's sides must be multiples of the factor (8 for Stable Diffusion, 4 for the bundled emoji model). **Fit** says what happens
where they are not: \`resize\` brings them down to the next multiple with Pillow's Lanczos filter in 8 bits, as diffusers does; \`crop\` cuts
the edges evenly; \`refuse\` stops with a sentence. Grey pictures are taken as three equal channels; transparency is not encoded, so load
the picture without it.`,
  inputs: {
    vae: { type: 'vae', title: 'VAE', doc: 'The autoencoder of the model that will draw on.' },
    image: { type: 'image', title: 'Image', doc: 'One or three channels in 0…1.' },
  },
  outputs: { latent: { type: 'latent', title: 'Latent', doc: 'The mean, with the distribution it is the mean of.' } },
  params: { fit: FIT_PARAM },
  outputTypes: ({ vae, image }, { fit }, context) => ({ latent: encodedLatentType(context, vae, image, fit) }),
  async evaluate({ vae, image }, { fit }, context) {
    const fitted = fitPicture('VAE Encode', image, vae.space.factor, fit);
    if (!fitted.ok) return fitted;
    const posterior = await encodeBatch('VAE Encode', vae, fitted.value, context);
    if (!posterior.ok) return posterior;
    const { value } = posterior;
    return ok({ latent: { kind: 'latent' as const, samples: value.mean, space: vae.space, ...posteriorOf(value) } });
  },
});
