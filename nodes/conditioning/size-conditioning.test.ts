import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf } from '../../test/contracts/run-example.ts';
import type { ConditioningValue } from '../socket-values.ts';
import { zeros } from '../tensor.ts';
import { sizeConditioning } from './size-conditioning.ts';

const conditioning: ConditioningValue = { kind: 'conditioning', family: 'sdxl', states: zeros([1, 77, 8]), pooled: zeros([1, 4]) };

nodeContract(sizeConditioning, {
  examples: { 'a crop': () => ({ inputs: { conditioning }, params: { cropLeft: 64, originalHeight: 2048 } }) },
});

it('adds the sizes and leaves the text as it is', async () => {
  const { conditioning: sized } = await outputsOf(sizeConditioning, { inputs: { conditioning }, params: { cropLeft: 64 } });
  expect(sized).toMatchObject({ ...conditioning, sizes: { cropLeft: 64, cropTop: 0, originalWidth: 1024, targetHeight: 1024 } });
});
