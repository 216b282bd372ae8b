// A picture and a ControlNet that go along with a text to the sampler.
import type { EvaluateContext } from '../context.ts';
import { defineNode } from '../define-node.ts';
import type { ModelReference } from '../facts.ts';
import { fail, ok, type Result } from '../problem.ts';
import type { ControlNetValue } from '../socket-values.ts';
import { sizeAt } from '../tensor.ts';
import { struct } from '../types/socket-type.ts';
import { checkAddOnFit, refuseOtherAddOn } from './control-fit.ts';

const CHOOSE = 'Wire a Load ControlNet to it, or choose a folder or file in its parameter Model.';

export const applyControlNet = defineNode({
  id: 'control.apply',
  version: 1,
  title: 'Apply ControlNet',
  category: 'control',
  summary: 'Lets a picture (edges, depth, a pose …) steer what is drawn.',
  docs: `
A ControlNet looks at a picture and adds to the feature maps of the denoiser in each step (Zhang et al. 2023, *Adding Conditional Control to
Text-to-Image Diffusion Models*). This node attaches picture and ControlNet to the conditioning; wire it between a Text Encoder and the
**Positive** input of a Sampler or U-Net Step. As in diffusers, it then acts on what is drawn with the prompt and on what is drawn
without it alike. Several in a row add up. The ControlNet comes from **Model**, or from a Load ControlNet that several of these share.

- **Strength** multiplies what is added; 0 leaves the picture alone.
- **Start** and **End** are shares of the steps: of n steps, step i (from 0) is steered unless i/n < Start or (i+1)/n > End.
- **Guess** steers only what is drawn with the prompt, with 0.1 of the strength in the shallowest layer up to all of it in the middle; then
  the picture leads even without a prompt. A guidance of 3 to 5 suits it.

The picture is used as it is: edges, depth or poses must be drawn already. It is resized (Lanczos, as Pillow does) to the size of what is
drawn; pictures of the same shape are best. One picture serves a whole batch, or each has its own.

T2I-Adapters (Mou et al. 2023) are applied in the same way; they look at the picture once instead of in each step, and know no Guess.`,
  inputs: {
    conditioning: { type: 'conditioning', title: 'Conditioning', doc: 'The text that goes with it.' },
    controlNet: {
      type: 'controlNet',
      title: 'ControlNet',
      doc: 'From a Load ControlNet; left unwired, the one in Model.',
      optional: true,
    },
    image: { type: 'image', title: 'Image', doc: 'What steers: white edges on black, a depth map, a pose.' },
  },
  outputs: { conditioning: { type: 'conditioning', title: 'Conditioning', doc: 'The same text with one more control.' } },
  params: {
    model: {
      kind: 'model',
      title: 'Model',
      doc: 'A folder or a file with a ControlNet, where none is wired.',
      default: null,
      holds: 'controlNet',
    },
    strength: { kind: 'number', title: 'Strength', doc: 'How much is added.', default: 1, min: 0, max: 10, step: 0.05 },
    start: { kind: 'number', title: 'Start', doc: 'From which share of the steps on.', default: 0, min: 0, max: 1, step: 0.05 },
    end: { kind: 'number', title: 'End', doc: 'Until which share of the steps.', default: 1, min: 0, max: 1, step: 0.05 },
    guess: { kind: 'boolean', title: 'Guess', doc: 'Lets the picture lead, with or without a prompt.', default: false, advanced: true },
  },
  outputTypes({ conditioning, controlNet }, { model, start, end }, context) {
    if (controlNet === undefined && model === null) {
      context.refuse('model', `${context.title} has no ControlNet. ${CHOOSE}`, 'graph.invalidParam');
    }
    if (controlNet !== undefined && model !== null && model !== undefined) {
      context.refuse('model', explainBoth(context.title), 'graph.invalidParam');
    }
    if (start !== undefined && end !== undefined && start >= end) {
      context.refuse('start', explainWindow(context.title, start, end), 'graph.invalidParam');
    }
    const facts = model === null || model === undefined ? undefined : context.addOnFacts('controlNet', model);
    const named = facts?.ok ? struct('controlNet', { family: facts.value.family, dim: facts.value.conditioningWidth }) : undefined;
    refuseOtherAddOn(context, 'a ControlNet', controlNet ?? named, conditioning);
    return conditioning === undefined ? {} : { conditioning };
  },
  async evaluate({ conditioning, controlNet: wired, image }, { model, strength, start, end, guess }, context) {
    context.signal.throwIfCancelled();
    if (start >= end) return fail('graph.invalidParam', explainWindow('Apply ControlNet', start, end), { socket: 'start' });
    const found = await findControlNet(wired, model, context);
    if (!found.ok) return found;
    const controlNet = found.value;
    if (guess && controlNet.isAdapter) {
      const sentence = `Apply ControlNet has ${controlNet.handle.name}, a T2I-Adapter, which has no guess mode. Turn Guess off.`;
      return fail('node.invalidInput', sentence, { socket: 'guess' });
    }
    const misfit = checkAddOnFit('Apply ControlNet', 'a ControlNet', controlNet, conditioning);
    if (misfit !== undefined) return misfit;
    const channels = sizeAt(image, 1);
    if (channels !== 1 && channels !== controlNet.pictureChannels) {
      const what = channels === 4 ? 'a picture with transparency' : `a picture of ${channels} channels`;
      return fail(
        'node.invalidInput',
        `Apply ControlNet gets ${what}, and ${controlNet.handle.name} looks at pictures of ${controlNet.pictureChannels}. Load the picture without transparency, or choose another ControlNet.`,
        { socket: 'image' },
      );
    }
    const control = { controlNet, image, strength, start, end, guess };
    return ok({ conditioning: { ...conditioning, controls: [...(conditioning.controls ?? []), control] } });
  },
});

async function findControlNet(
  wired: ControlNetValue | undefined,
  model: ModelReference | null,
  context: EvaluateContext,
): Promise<Result<ControlNetValue>> {
  if (wired !== undefined)
    return model === null ? ok(wired) : fail('graph.invalidParam', explainBoth('Apply ControlNet'), { socket: 'model' });
  if (model === null) return fail('graph.invalidParam', `Apply ControlNet has no ControlNet. ${CHOOSE}`, { socket: 'model' });
  return context.models.loadControlNet(model);
}

function explainBoth(title: string): string {
  return `${title} has a ControlNet wired to it and another in its parameter Model. Clear Model, or take the wire away.`;
}

function explainWindow(title: string, start: number, end: number): string {
  return `${title} starts at ${start} and ends at ${end}, so it would never act. Set Start below End.`;
}
