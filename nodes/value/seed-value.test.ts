import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf } from '../../test/contracts/run-example.ts';
import { seedValue } from './seed-value.ts';

nodeContract(seedValue, {
  instant: true,
  examples: {
    zero: () => ({}),
    'a large one': () => ({ params: { value: '18446744073709551615' } }),
    several: () => ({ params: { value: ['1', 2] } }),
  },
});

it('gives decimal text without losing a digit, negative seeds as torch counts them', async () => {
  expect(await outputsOf(seedValue, { params: { value: '9223372036854775809' } })).toEqual({ value: '9223372036854775809' });
  expect(await outputsOf(seedValue, { params: { value: 42 } })).toEqual({ value: '42' });
  expect(await outputsOf(seedValue, { params: { value: [-1, '007'] } })).toEqual({ value: ['18446744073709551615', '7'] });
});
