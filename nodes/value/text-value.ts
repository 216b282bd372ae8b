// Text: one text for several parameters.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';
import { text } from '../types/socket-type.ts';

/** Gives a text. */
export const textValue = defineNode({
  id: 'value.text',
  version: 1,
  title: 'Text',
  category: 'value',
  summary: 'Gives a text.',
  docs: `
Wire it to prompts, names, files or choices to set them together. A choice takes the name its option has in the graph file, such as
\`lanczos\`. Up to 100,000 characters, kept exactly as written.
`,
  inputs: {},
  outputs: { value: { type: 'text', title: 'Value', doc: 'The text.' } },
  params: { value: { kind: 'text', title: 'Value', doc: 'The text to give.', default: '', multiline: true, maxLength: 100_000 } },
  outputTypes: (_inputs, { value }) => (value === undefined ? {} : { value: text([value]) }),
  evaluate: async (_inputs, { value }) => ok({ value }),
});
