import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf } from '../../test/contracts/run-example.ts';
import { numberValue } from './number-value.ts';

nodeContract(numberValue, {
  instant: true,
  examples: {
    zero: () => ({}),
    'a fraction': () => ({ params: { value: -7.25 } }),
    'a large one': () => ({ params: { value: 2 ** 53 - 1 } }),
  },
});

it('gives the number as it is', async () => {
  expect(await outputsOf(numberValue, { params: { value: 0.1 } })).toEqual({ value: 0.1 });
});
