import { expect, it } from 'vitest';
import { defineNode } from '../nodes/define-node.ts';
import { ok } from '../nodes/problem.ts';
import { foldedParams } from './folded-params.ts';

const number = { kind: 'number', title: 'Number', doc: 'A number.', default: 0.5, min: 0, max: 1, advanced: true } as const;
const node = defineNode({
  id: 'test.folding',
  version: 1,
  title: 'Folding',
  category: 'value',
  summary: 'A node.',
  docs: 'A node.',
  inputs: {},
  outputs: { value: { type: 'number', title: 'Value', doc: 'A number.' } },
  params: { plain: { ...number, advanced: undefined as never }, first: number, second: { ...number, default: null } },
  outputTypes: () => ({}),
  evaluate: async () => ok({ value: 1 }),
});
const folded = (params: Readonly<Record<string, unknown>>, held: readonly string[] = []) =>
  foldedParams(node, { params }, (param) => held.includes(param));

it('folds advanced parameters away that are left at their default, stored or not', () => {
  expect(folded({})).toEqual(['first', 'second']);
  expect(folded({ first: 0.5, second: null })).toEqual(['first', 'second']);
});

it('shows what is set, and what is held', () => {
  expect(folded({ first: 0.6 })).toEqual(['second']);
  expect(folded({}, ['second'])).toEqual(['first']);
});
