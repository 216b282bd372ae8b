import { defineNode } from '../../nodes/define-node.ts';
import { ok } from '../../nodes/problem.ts';

/** A node that no other file knows, with a parameter of each plain kind; gives as text what it was given. */
export const everyControl = defineNode({
  id: 'test.everyControl',
  version: 1,
  title: 'Every Control',
  category: 'Test',
  summary: 'Has a parameter of every kind.',
  docs: 'For tests.',
  inputs: {},
  outputs: { text: { type: 'text', title: 'Said', doc: 'Everything it was given.' } },
  params: {
    amount: { kind: 'int', title: 'Amount', doc: 'A whole number.', default: 3, min: 0, max: 10 },
    strength: { kind: 'number', title: 'Strength', doc: 'A number.', default: 0.5, min: 0, max: 1, step: 0.05 },
    words: { kind: 'text', title: 'Words', doc: 'A long text.', default: '', multiline: true, maxLength: 1000 },
    mode: { kind: 'choice', title: 'Mode', doc: 'One of two.', default: 'plain', options: { plain: 'Plain', fancy: 'Fancy' } },
    isLoud: { kind: 'boolean', title: 'Loud', doc: 'Yes or no.', default: false },
    seed: { kind: 'seed', title: 'Seed', doc: 'A seed.', default: '1' },
    tint: { kind: 'color', title: 'Tint', doc: 'A colour.', default: '#ff0000' },
  },
  evaluate: async (_inputs, params) => ok({ text: JSON.stringify(params) }),
});
