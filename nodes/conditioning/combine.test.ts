import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf, runExample } from '../../test/contracts/run-example.ts';
import type { ConditioningValue } from '../socket-values.ts';
import { zeros } from '../tensor.ts';
import { combine } from './combine.ts';

const text = (tokens: number, width = 8, family = 'sd1'): ConditioningValue => ({
  kind: 'conditioning',
  family,
  states: zeros([1, tokens, width]),
});
const [first, second, third] = [text(77), text(154), text(231)];

nodeContract(combine, {
  examples: {
    one: () => ({ inputs: { conditionings: [first] } }),
    'two of different lengths': () => ({ inputs: { conditionings: [first, second] } }),
    'some that were combined already': () => ({ inputs: { conditionings: [{ ...first, beside: [second] }, third] } }),
  },
});

it('lays all of them side by side', async () => {
  const { conditioning } = await outputsOf(combine, {
    inputs: { conditionings: [third, { ...first, beside: [second] }] },
  });
  expect(conditioning).toEqual({ ...third, beside: [first, second] });
});

it.each([
  [[], 'got no text'],
  [[first, text(77, 16)], '8 numbers wide'],
  [[first, text(77, 8, 'sd2')], 'text encoder of the same checkpoint'],
  [[first, { ...first, controls: [{}] }], 'Wire Apply ControlNet behind Combine'],
])('refuses what does not go together', async (conditionings, sentence) => {
  const { outcome } = await runExample(combine, { inputs: { conditionings } });
  expect(outcome).toMatchObject({ ok: false, problem: { code: 'node.invalidInput', socket: 'conditionings' } });
  if (!outcome.ok) expect(outcome.problem.message).toContain(sentence);
});
