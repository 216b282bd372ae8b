// Opens a ControlNet by its header; the network is opened later, by the sampler.
import { defineNode } from '../define-node.ts';
import { fail, ok } from '../problem.ts';
import { struct } from '../types/socket-type.ts';

export const loadControlNet = defineNode({
  id: 'model.loadControlNet',
  version: 1,
  title: 'Load ControlNet',
  category: 'model',
  summary: 'Opens a network by which a picture steers what is drawn.',
  docs: `
Opens a ControlNet (Zhang et al. 2023) for SD 1.5, SD 2 or SDXL: a diffusers folder, or one \`.safetensors\` file in the original layout
(\`control_model.*\`) or in diffusers' names. Only its header and config are read here. A file without a config is described from its
tensors; one whose name contains “shuffle” is taken for ControlNet Shuffle, as nothing in its weights says so.

T2I-Adapters (Mou et al. 2023; full, light, and SDXL's) are opened here too, in diffusers' or the original's names.

ControlNet Union, Control-LoRA, ControlNet-LLLite and ControlNets of other families are refused with a sentence.`,
  inputs: {},
  outputs: { controlNet: { type: 'controlNet', title: 'ControlNet', doc: 'For Apply ControlNet.' } },
  params: {
    model: { kind: 'model', title: 'Model', doc: 'A folder or a file with a ControlNet.', default: null, holds: 'controlNet' },
  },
  keeps: false,
  outputTypes(_inputs, { model }, context) {
    if (model === null) context.refuse('model', `${context.title} has no ControlNet to open. ${CHOOSE}`, 'graph.invalidParam');
    const facts = model === undefined || model === null ? undefined : context.addOnFacts('controlNet', model);
    if (facts === undefined || !facts.ok) return {};
    const { family, conditioningWidth } = facts.value;
    return { controlNet: struct('controlNet', { family, dim: conditioningWidth }) };
  },
  async evaluate(_inputs, { model }, context) {
    if (model === null) return fail('graph.invalidParam', `Load ControlNet has no ControlNet to open. ${CHOOSE}`, { socket: 'model' });
    const loaded = await context.models.loadControlNet(model);
    return loaded.ok ? ok({ controlNet: loaded.value }) : loaded;
  },
});

const CHOOSE = 'Choose a folder or a .safetensors file in its parameter Model.';
