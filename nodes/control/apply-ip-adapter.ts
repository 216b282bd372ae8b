// Pictures that go along with a text to the sampler and say what is drawn.
import { defineNode } from '../define-node.ts';
import { toColour } from '../image/to-colour.ts';
import { fail, ok } from '../problem.ts';
import { concatBatch, sizeAt, splitBatch } from '../tensor.ts';
import { checkAddOnFit, refuseOtherAddOn } from './control-fit.ts';

export const applyIpAdapter = defineNode({
  id: 'control.applyIpAdapter',
  version: 1,
  title: 'Apply IP-Adapter',
  category: 'control',
  summary: 'Lets a picture say what is drawn: its motif, its style, its colours.',
  docs: `
An IP-Adapter (Ye et al. 2023, *IP-Adapter: Text Compatible Image Prompt Adapter*) makes a few tokens of a picture, and every attention of the denoiser to
the text looks at them too. This node attaches them to the conditioning; wire it between a Text Encoder and the **Positive** input of a Sampler or
U-Net Step. As in diffusers, what is drawn with the text then looks at the picture, and what is drawn without it at the tokens of no picture. Several
in a row add up, of one IP-Adapter or of different ones.

- **Strength** multiplies what the picture adds; at 1 it leads, at about 0.6 text and picture share; 0 leaves it out. Changing it opens nothing anew.
- **Start** and **End** are shares of the steps: of n steps, step i (from 0) looks at the picture unless i/n < Start or (i+1)/n > End.

The encoder sees the middle square of the picture at its own size (224 pixels, as a rule), so crop to what matters. All pictures of a batch are looked at
together. It goes together with ControlNets, LoRAs, and other nodes that change the text.`,
  inputs: {
    conditioning: { type: 'conditioning', title: 'Conditioning', doc: 'The text that goes with it.' },
    ipAdapter: { type: 'ipAdapter', title: 'IP-Adapter', doc: 'From Load IP-Adapter.' },
    image: { type: 'image', title: 'Image', doc: 'What is to be drawn, or drawn like.' },
  },
  outputs: { conditioning: { type: 'conditioning', title: 'Conditioning', doc: 'The same text with one more image prompt.' } },
  params: {
    strength: { kind: 'number', title: 'Strength', doc: 'How much the picture counts.', default: 0.6, min: -10, max: 10, step: 0.05 },
    start: { kind: 'number', title: 'Start', doc: 'From which share of the steps on.', default: 0, min: 0, max: 1, step: 0.05 },
    end: { kind: 'number', title: 'End', doc: 'Until which share of the steps.', default: 1, min: 0, max: 1, step: 0.05 },
  },
  outputTypes({ conditioning, ipAdapter }, { start, end }, context) {
    if (start !== undefined && end !== undefined && start >= end) {
      context.refuse('start', explainWindow(context.title, start, end), 'graph.invalidParam');
    }
    refuseOtherAddOn(context, 'an IP-Adapter', ipAdapter, conditioning);
    return conditioning === undefined ? {} : { conditioning };
  },
  async evaluate({ conditioning, ipAdapter, image }, { strength, start, end }, context) {
    context.signal.throwIfCancelled();
    if (start >= end) return fail('graph.invalidParam', explainWindow('Apply IP-Adapter', start, end), { socket: 'start' });
    const misfit = checkAddOnFit('Apply IP-Adapter', 'an IP-Adapter', ipAdapter, conditioning);
    if (misfit !== undefined) return misfit;
    if (sizeAt(image, 1) === 4) {
      return fail(
        'node.invalidInput',
        'Apply IP-Adapter gets a picture with transparency, which its encoder does not know. Load the picture without it.',
        {
          socket: 'image',
        },
      );
    }
    const pictures = splitBatch(image).map(toColour);
    const encoded = await context.models.encodeImagePrompt(ipAdapter, concatBatch(pictures));
    if (!encoded.ok) return encoded;
    const prompt = { ipAdapter: ipAdapter.handle, ...encoded.value, strength, start, end };
    return ok({ conditioning: { ...conditioning, imagePrompts: [...(conditioning.imagePrompts ?? []), prompt] } });
  },
});

function explainWindow(title: string, start: number, end: number): string {
  return `${title} starts at ${start} and ends at ${end}, so it would never act. Set Start below End.`;
}
