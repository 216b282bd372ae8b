// A bend in a wire.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';

export const reroute = defineNode({
  id: 'flow.reroute',
  version: 1,
  title: 'Reroute',
  category: 'flow',
  summary: 'A point that wires run through, to keep a graph easy to read.',
  docs: `
Gives on what comes in, whatever it is, unchanged; its type is that of what is wired in. On the canvas it is a dot. Several wires may leave
it, so a value that is wanted in many places far away needs one long wire only.`,
  inputs: { value: { type: 'any', title: 'In', doc: 'Anything.' } },
  outputs: { value: { type: 'any', title: 'Out', doc: 'The same.' } },
  params: {},
  keeps: false,
  outputTypes: ({ value }) => (value === undefined ? {} : { value }),
  evaluate: async ({ value }) => ok({ value }),
});
