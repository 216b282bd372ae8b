import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf } from '../../test/contracts/run-example.ts';
import type { ConditioningValue } from '../socket-values.ts';
import { zeros } from '../tensor.ts';
import { region } from './region.ts';

const conditioning: ConditioningValue = { kind: 'conditioning', family: 'sd1', states: zeros([1, 77, 8]) };
const mask = zeros([1, 1, 4, 4]);

nodeContract(region, { examples: { 'a mask': () => ({ inputs: { conditioning, mask }, params: { strength: 2 } }) } });

it('gives every text of a combined one the region', async () => {
  const inputs = { conditioning: { ...conditioning, beside: [conditioning] }, mask };
  const { conditioning: given } = await outputsOf(region, { inputs });
  expect(given).toMatchObject({ region: { mask, strength: 1 }, beside: [{ region: { mask, strength: 1 } }] });
});
