// Opens a checkpoint by its headers; networks are opened later, by the nodes that use them.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';
import { struct } from '../types/socket-type.ts';

export const loadCheckpoint = defineNode({
  id: 'model.loadCheckpoint',
  version: 1,
  title: 'Load Checkpoint',
  category: 'model',
  summary: 'Opens a model: its denoiser, its text encoder and its autoencoder.',
  docs: `
Opens a diffusers folder or a single \`.safetensors\` file (Stable Diffusion 1.x, 2.x, XL). Only headers and configs are read here;
weights stay in the file and are mapped when they are needed. A folder whose networks are ONNX graphs, as diffusers' and optimum's converters
write them (\`unet/model.onnx\`, \`vae_decoder/model.onnx\` …), opens too and gives the same pictures; LoRAs, embeddings, ControlNets and what
looks into attention need the weights themselves, and refuse such a folder. Pickles (\`.ckpt\`, \`.pt\`) are refused, because opening one can run code.

**Model** is the name of a bundled model (\`emoji\`), a path, or a name in one of the model folders. **Config** is only for single files
whose configuration cannot be told from their tensors: a folder in diffusers' layout, without weights.

The three outputs belong together: text encoded for one family fits only denoisers of that family, latents only autoencoders of their space.`,
  inputs: {},
  outputs: {
    model: { type: 'model', title: 'Model', doc: 'The denoising network, for samplers.' },
    textEncoder: { type: 'textEncoder', title: 'Text encoder', doc: 'Turns prompts into conditioning.' },
    vae: { type: 'vae', title: 'VAE', doc: 'The autoencoder: latents to pictures and back.' },
  },
  params: {
    model: { kind: 'model', title: 'Model', doc: 'A bundled model’s name, a folder or a file.', default: 'emoji' },
    config: {
      kind: 'file',
      title: 'Config',
      doc: 'Folder with the configs of a single file; left open, they are told from its tensors.',
      default: null,
      holds: 'folder',
      advanced: true,
    },
  },
  keeps: false,
  outputTypes(_inputs, { model, config }, context) {
    const facts = model === undefined || config === undefined ? undefined : context.modelFacts(model, config);
    if (facts === undefined || !facts.ok) return {};
    const { family, prediction, networkTime, space, conditioningWidth, tokens, encoderWidth, nativeWidthPx, nativeHeightPx } = facts.value;
    const { id, channels, factor } = space;
    return {
      model: struct('model', {
        family,
        prediction,
        time: networkTime,
        space: id,
        dim: conditioningWidth,
        channels,
        factor,
        width: nativeWidthPx,
        height: nativeHeightPx,
      }),
      textEncoder: struct('textEncoder', { family, tokens, dim: encoderWidth }),
      vae: struct('vae', { space: id, channels, factor }),
    };
  },
  async evaluate(_inputs, { model, config }, context) {
    const opened = await context.models.open(model, config);
    return opened.ok ? ok(opened.value) : opened;
  },
});
