// Chooses what shows work in progress.
import { defineNode } from '../define-node.ts';
import { refuseOtherSpace } from '../latent/latent-space.ts';
import { fail, ok } from '../problem.ts';

export const previewDecoder = defineNode({
  id: 'model.previewDecoder',
  version: 1,
  title: 'Preview Decoder',
  category: 'model',
  summary: 'Shows work in progress through an autoencoder instead of a coarse linear map.',
  docs: `
While a Sampler or U-Net Step works, it shows the clean picture as the model sees it then. Without this node a linear map makes it out of
the latents, an eighth of the size and at no cost. With this node between checkpoint and sampler, an autoencoder does: a TAESD from Load VAE
is made for that, the checkpoint's own works too and is slow. The picture is at most 256 pixels large; up to four of a batch stand side by side.

At most a fifth of the time goes into previews: steps for which there is none left show nothing, and the last one is shown always. Without
anybody looking (on the command line) none are made. The latents that come out of the sampler are the same in any case.`,
  inputs: {
    model: { type: 'model', title: 'Model', doc: 'On its way to a sampler.' },
    vae: { type: 'vae', title: 'VAE', doc: 'Of the model’s latent space; a TAESD as a rule.' },
  },
  outputs: { model: { type: 'model', title: 'Model', doc: 'The same model.' } },
  params: {},
  keeps: false,
  outputTypes({ model, vae }, _params, context) {
    refuseOtherSpace(context, vae, 'model', model, (wants, gives) => `${context.title} has a decoder for ${wants} latents; ${gives}`);
    return model === undefined ? {} : { model };
  },
  async evaluate({ model, vae }, _params, context) {
    context.signal.throwIfCancelled();
    if (vae.space.id !== model.space.id) {
      const sentence = `Preview Decoder has a decoder for latents of ${vae.space.label}, and its model draws those of ${model.space.label}. Choose a decoder for ${model.space.label}, or set Space in Load VAE.`;
      return fail('node.invalidInput', sentence, { socket: 'vae' });
    }
    return ok({ model: { ...model, preview: vae } });
  },
});
