// Opens an autoencoder by its header; its networks are opened later, by the nodes that use it.
import { defineNode } from '../define-node.ts';
import { fail, ok } from '../problem.ts';
import { struct } from '../types/socket-type.ts';

export const loadVae = defineNode({
  id: 'model.loadVae',
  version: 1,
  title: 'Load VAE',
  category: 'model',
  summary: 'Opens an autoencoder of its own, to use instead of a checkpoint’s.',
  docs: `
Opens an autoencoder: AutoencoderKL, or TAESD (AutoencoderTiny, Bohan 2023), a network of a fortieth of the weights, coarser in detail. Read
are diffusers folders, and \`.safetensors\` files in diffusers' or the original layout; a checkpoint's file gives the autoencoder inside. TAESD's
two files (\`taesd_encoder\`, \`taesd_decoder\`) find each other when they lie in one folder; the decoder alone is enough to decode.

**Space** says whose latents it reads. Left at \`auto\`, the scaling factor in its config tells; where there is none, or in a TAESD, a name with
“xl” in it means SDXL and any other SD 1 and 2, since nothing in the weights says which. SD's and SDXL's latents have the same shape and mean
other colours: set it by hand where it is wrong.`,
  inputs: {},
  outputs: { vae: { type: 'vae', title: 'VAE', doc: 'For VAE Decode, VAE Encode, Inpaint and Preview Decoder.' } },
  params: {
    model: { kind: 'model', title: 'Model', doc: 'A folder or a file with an autoencoder.', default: null, holds: 'vae' },
    space: {
      kind: 'choice',
      title: 'Space',
      doc: 'Whose latents it reads.',
      default: 'auto',
      options: { auto: 'as it tells', sd: 'SD 1 and 2', sdxl: 'SDXL' },
    },
  },
  keeps: false,
  outputTypes(_inputs, { model, space }, context) {
    if (model === null) context.refuse('model', `${context.title} has no autoencoder to open. ${CHOOSE}`, 'graph.invalidParam');
    const facts = model === undefined || model === null ? undefined : context.addOnFacts('vae', model);
    if (facts === undefined || !facts.ok || facts.value.space === undefined) return {};
    const { id, channels, factor } = facts.value.space;
    if (space !== undefined && space !== 'auto' && (channels !== 4 || factor !== 8)) {
      const sentence = `${context.title} has ${facts.value.name}, whose latents have ${channels} channels at 1/${factor} of the size; those of SD and SDXL have 4 at 1/8. Set Space to auto.`;
      context.refuse('space', sentence, 'graph.invalidParam');
    }
    const chosen = space === undefined ? undefined : space === 'auto' ? id : space;
    return { vae: struct('vae', { space: chosen, channels, factor }) };
  },
  async evaluate(_inputs, { model, space }, context) {
    if (model === null) return fail('graph.invalidParam', `Load VAE has no autoencoder to open. ${CHOOSE}`, { socket: 'model' });
    const loaded = await context.models.loadVae(model, space);
    return loaded.ok ? ok({ vae: loaded.value }) : loaded;
  },
});

const CHOOSE = 'Choose a folder or a .safetensors file in its parameter Model.';
