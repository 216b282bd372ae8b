import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf } from '../../test/contracts/run-example.ts';
import { rangeValue } from './range-value.ts';

nodeContract(rangeValue, {
  instant: true,
  examples: {
    'a fifth each': () => ({ params: { from: 0, to: 1, count: 6 } }),
    'one number': () => ({ params: { from: 3, to: 9, count: 1 } }),
    'falling and whole': () => ({ params: { from: 19, to: 0, count: 5, whole: true } }),
  },
});

it('spaces numbers evenly, both ends included', async () => {
  expect((await outputsOf(rangeValue, { params: { from: 1, to: 2, count: 3 } }))['numbers']).toEqual([1, 1.5, 2]);
  expect((await outputsOf(rangeValue, { params: { from: -8.1, to: 10, count: 2 } }))['numbers']).toEqual([-8.1, 10]);
  expect((await outputsOf(rangeValue, { params: { from: 19, to: 0, count: 5, whole: true } }))['numbers']).toEqual([19, 14, 10, 5, 0]);
});
