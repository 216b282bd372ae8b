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
const resizing = defineNode({
  ...node,
  id: 'test.resizing',
  params: {
    mode: { kind: 'choice', title: 'Mode', doc: 'A mode.', default: 'size', options: { size: 'Size', scale: 'Scale' } },
    width: { kind: 'int', title: 'Width', doc: 'A width.', default: 8, min: 1, max: 9, onlyFor: { param: 'mode', values: ['size'] } },
    scale: { ...number, onlyFor: { param: 'mode', values: ['scale'] } },
  },
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

it('folds away what has no effect, whatever it is set to', () => {
  const names = (params: Readonly<Record<string, unknown>>, held: readonly string[] = [], wired: readonly string[] = []) =>
    foldedParams(
      resizing,
      { params },
      (param) => held.includes(param),
      (param) => wired.includes(param),
    );
  expect(names({ scale: 0.7 })).toEqual(['scale']);
  expect(names({ mode: 'scale', width: 9, scale: 0.7 })).toEqual(['width']);
  expect(names({ mode: 'scale', scale: 0.7 }, ['width'])).toEqual([]);
  expect(names({ mode: 'scale', scale: 0.7 }, ['mode'])).toEqual(['width']);
});

it('shows everything that may have an effect where the choice is wired', () => {
  expect(foldedParams(resizing, { params: { scale: 0.7 } }, (param) => param === 'mode')).toEqual([]);
});
