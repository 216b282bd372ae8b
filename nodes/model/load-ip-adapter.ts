// Opens an IP-Adapter and the vision encoder that goes with it, by their headers; the networks are opened later.
import { defineNode } from '../define-node.ts';
import { fail, ok } from '../problem.ts';
import { struct } from '../types/socket-type.ts';

export const loadIpAdapter = defineNode({
  id: 'model.loadIpAdapter',
  version: 1,
  title: 'Load IP-Adapter',
  category: 'model',
  summary: 'Opens a network by which a picture says what is drawn, beside the text.',
  docs: `
Opens an IP-Adapter (Ye et al. 2023) for SD 1.5 or SDXL: a \`.safetensors\` file as they are published (\`image_proj.*\`, \`ip_adapter.*\`), of the
plain kind, Plus (also Plus Face) or Full Face. FaceID needs a network that recognises faces and is refused with a sentence.

**Encoder** is the CLIP vision encoder that it was made with: a transformers folder with \`config.json\` and weights, or one file with its names. Left
open, the folder \`image_encoder\` beside the file is taken, as the published folders have it. Most were made with ViT-H; SDXL's first one with
ViT-bigG. An encoder of another width is refused.`,
  inputs: {},
  outputs: { ipAdapter: { type: 'ipAdapter', title: 'IP-Adapter', doc: 'For Apply IP-Adapter.' } },
  params: {
    model: { kind: 'model', title: 'Model', doc: 'The file with the IP-Adapter.', default: null, holds: 'ipAdapter' },
    encoder: {
      kind: 'model',
      title: 'Encoder',
      doc: 'The CLIP vision encoder; left open, the folder image_encoder beside the file.',
      default: null,
      holds: 'clipVision',
    },
  },
  keeps: false,
  outputTypes(_inputs, { model }, context) {
    if (model === null) context.refuse('model', `${context.title} has no IP-Adapter to open. ${CHOOSE}`, 'graph.invalidParam');
    const facts = model === undefined || model === null ? undefined : context.addOnFacts('ipAdapter', model);
    if (facts === undefined || !facts.ok) return {};
    const { family, conditioningWidth } = facts.value;
    return { ipAdapter: struct('ipAdapter', { family, dim: conditioningWidth }) };
  },
  async evaluate(_inputs, { model, encoder }, context) {
    if (model === null) return fail('graph.invalidParam', `Load IP-Adapter has no IP-Adapter to open. ${CHOOSE}`, { socket: 'model' });
    const loaded = await context.models.loadIpAdapter(model, encoder);
    return loaded.ok ? ok({ ipAdapter: loaded.value }) : loaded;
  },
});

const CHOOSE = 'Choose a .safetensors file in its parameter Model.';
