// Preview: pictures shown to whoever started the run, kept nowhere.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';

/** Shows pictures. */
export const previewImage = defineNode({
  id: 'image.preview',
  version: 1,
  title: 'Preview',
  category: 'image',
  summary: 'Shows pictures without keeping them.',
  docs: `
Shows every picture of the batch in full size, rounded to 8 bits, and writes no file. What comes in goes out unchanged, so a Preview may
stand in the middle of a wire. It runs whenever it is asked for.
`,
  inputs: { image: { type: 'image', title: 'Image', doc: 'The pictures to show.' } },
  outputs: { image: { type: 'image', title: 'Image', doc: 'The pictures, unchanged.' } },
  params: {},
  effects: ['shows'],
  outputTypes: ({ image }) => (image === undefined ? {} : { image }),
  async evaluate({ image }, _params, context) {
    context.signal.throwIfCancelled();
    context.result({ kind: 'preview', image });
    return ok({ image });
  },
});
