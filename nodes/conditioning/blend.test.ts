import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf, runExample } from '../../test/contracts/run-example.ts';
import type { ConditioningValue } from '../socket-values.ts';
import { tensor } from '../tensor.ts';
import { blend } from './blend.ts';

const text = (value: number, tokens = 2): ConditioningValue => ({
  kind: 'conditioning',
  family: 'sdxl',
  states: tensor(new Float32Array(tokens * 3).fill(value), [1, tokens, 3]),
  pooled: tensor(Float32Array.of(value, -value), [1, 2]),
});

nodeContract(blend, { examples: { 'half and half': () => ({ inputs: { first: text(1), second: text(3) } }) } });

it('mixes the states and the pooled text', async () => {
  const { conditioning } = await outputsOf(blend, { inputs: { first: text(1), second: text(3) }, params: { share: 0.25 } });
  const { states, pooled } = conditioning as ConditioningValue;
  expect([...states.data]).toEqual(new Array(6).fill(1.5));
  expect([...pooled!.data]).toEqual([1.5, -1.5]);
});

it.each([
  [{ second: text(1, 4) }, 'equally long'],
  [{ second: { ...text(1), family: 'sd1' } }, 'same text encoder'],
  [{ first: { ...text(1), beside: [text(2)] } }, 'the first has other texts beside it'],
])('refuses what cannot be mixed', async (inputs, sentence) => {
  const { outcome } = await runExample(blend, { inputs: { first: text(1), second: text(3), ...inputs } });
  expect(outcome.ok ? '' : outcome.problem.message).toContain(sentence);
});
