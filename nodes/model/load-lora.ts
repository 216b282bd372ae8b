// Puts a LoRA on a model and its text encoder; what it changes is worked out later, inside their networks.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';
import { namesField, struct } from '../types/socket-type.ts';
import { familiesOf, refuseOtherLora } from './lora-fit.ts';

export const loadLora = defineNode({
  id: 'model.loadLora',
  version: 1,
  title: 'Load LoRA',
  category: 'model',
  summary: 'Changes a model by a small file that was trained for a style, a person or a thing.',
  docs: `
A LoRA (Hu et al. 2021) adds a low-rank matrix to many layers of a model. Read are LoRA, LoCon, LoHa, LoKr and DoRA for SD 1.x, 2.x and
SDXL, as kohya's scripts, LyCORIS, PEFT and all versions of diffusers write them (\`.safetensors\`). The file's weights stay in the file;
only its header is read here, and all its values once, since one NaN would turn every picture black.

**Strength** multiplies what the file does to the denoiser, **Text strength** what it does to the text encoder (left open: the same).
0 switches it off, negative values turn it round. For a DoRA the strength goes into the direction of the weights alone, as in diffusers,
so 0 does not quite switch it off. Changing a strength neither opens nor rebuilds a network. LoRAs one after another add up, in any order.

A plain LoRA runs as a narrow branch beside each layer. LoHa, LoKr and DoRA change the weights themselves on every pass, which takes
longer. An alpha in the file scales its effect by alpha / rank; without one it is the rank.

Left without a **File** the node passes on what it gets. Left without a **Text encoder** it takes that of the model's own checkpoint.`,
  inputs: {
    model: { type: 'model', title: 'Model', doc: 'Of the family that the LoRA was made for.' },
    textEncoder: { type: 'textEncoder', title: 'Text encoder', doc: 'From the same checkpoint; left open, its own.', optional: true },
  },
  outputs: {
    model: { type: 'model', title: 'Model', doc: 'The changed denoising network.' },
    textEncoder: { type: 'textEncoder', title: 'Text encoder', doc: 'The changed text encoder.' },
  },
  params: {
    file: { kind: 'model', title: 'File', doc: 'The LoRA: a file, or its name in a model folder.', default: null, holds: 'lora' },
    strength: {
      kind: 'number',
      title: 'Strength',
      doc: 'How much of it: 1 as trained, 0 none, negative the opposite.',
      default: 1,
      min: -10,
      max: 10,
      step: 0.05,
    },
    textStrength: {
      kind: 'number',
      title: 'Text strength',
      doc: 'The same for the text encoder; left open, Strength.',
      default: null,
      min: -10,
      max: 10,
      step: 0.05,
    },
  },
  keeps: false,
  outputTypes({ model, textEncoder }, { file }, context) {
    if (file === null) context.warn('file', `${context.title} has no file, so it changes nothing. Choose a LoRA.`);
    const facts = file === undefined || file === null ? undefined : context.addOnFacts('lora', file);
    if (facts?.ok) {
      refuseOtherLora(context, facts.value, 'model', model);
      refuseOtherLora(context, facts.value, 'textEncoder', textEncoder);
    }
    // Before anything is wired in, the sockets show what the LoRA was made for.
    const made = facts?.ok ? familiesOf(facts.value) : null;
    const family = (model === undefined ? made : namesField(model, 'family')) ?? undefined;
    return { model: model ?? struct('model', { family }), textEncoder: textEncoder ?? struct('textEncoder', { family }) };
  },
  async evaluate({ model, textEncoder }, { file, strength, textStrength }, context) {
    if (file !== null) {
      const lora = { reference: file, strength, textStrength: textStrength ?? strength };
      return context.models.applyLora(lora, { model, textEncoder });
    }
    if (textEncoder !== undefined) return ok({ model, textEncoder });
    const own = await context.models.textEncoderOf(model);
    return own.ok ? ok({ model, textEncoder: own.value }) : own;
  },
});
