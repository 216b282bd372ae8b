import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf } from '../../test/contracts/run-example.ts';
import { reroute } from './reroute.ts';

nodeContract(reroute, {
  instant: true,
  examples: {
    'a number': () => ({ inputs: { value: 3 } }),
    'a text': () => ({ inputs: { value: 'a' } }),
  },
});

it('gives on the very value that came', async () => {
  const value = { width: 8, height: 8, channels: 3, batch: 1, data: new Float32Array(192) };
  const { value: given } = await outputsOf(reroute, { inputs: { value } });
  expect(given).toBe(value);
});
