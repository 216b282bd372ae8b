import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import type { LatentValue } from '../socket-values.ts';
import { tensor } from '../tensor.ts';
import { addNoise } from './add-noise.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

async function example(value: number, params: Readonly<Record<string, unknown>> = {}): Promise<NodeExample> {
  const { model } = await models.open('emoji');
  const samples = tensor(new Float32Array(4096).fill(value), [1, 4, 32, 32]);
  return { inputs: { model, latent: { kind: 'latent', samples, space: model.space } }, params: { steps: 10, ...params } };
}

nodeContract(addNoise, {
  examples: {
    'an empty latent': () => example(0),
    'a latent noised to a late step': () => example(0.5, { step: 8 }),
    'a scheduler on sigmas': () => example(0.5, { scheduler: 'euler', step: 3 }),
  },
});

it('adds less noise the later the step', async () => {
  const deviation = async (step: number): Promise<number> => {
    const { latent } = await outputsOf(addNoise, await example(0.5, { scheduler: 'euler', step }));
    const { data } = (latent as LatentValue).samples;
    return Math.sqrt(data.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / data.length);
  };
  const [early, late] = [await deviation(1), await deviation(9)];
  expect(late).toBeLessThan(early);
});
