// Number: one number for several parameters.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';
import { number } from '../types/socket-type.ts';

/** Gives a number. */
export const numberValue = defineNode({
  id: 'value.number',
  version: 1,
  title: 'Number',
  category: 'value',
  summary: 'Gives a number.',
  docs: `
Wire it to any number of parameters to set them together. Whole-number parameters take it when it is whole and in their range; whether it
fits is checked while you wire. From −(2⁵³ − 1) to 2⁵³ − 1, float64, without a unit of its own.
`,
  inputs: {},
  outputs: { value: { type: 'number', title: 'Value', doc: 'The number.' } },
  params: {
    value: {
      kind: 'number',
      title: 'Value',
      doc: 'The number to give.',
      default: 0,
      min: Number.MIN_SAFE_INTEGER,
      max: Number.MAX_SAFE_INTEGER,
    },
  },
  outputTypes: (_inputs, { value }) => (value === undefined ? {} : { value: number(value) }),
  evaluate: async (_inputs, { value }) => ok({ value }),
});
