import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import type { LatentValue } from '../socket-values.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { addNoise } from './add-noise.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

const filled = (value: number, channels: number, size: number): Tensor =>
  tensor(new Float32Array(channels * size * size).fill(value), [1, channels, size, size]);

async function example(value: number, params: Readonly<Record<string, unknown>> = {}): Promise<NodeExample> {
  const { model } = await models.open('emoji');
  const samples = filled(value, model.space.channels, 32);
  return { inputs: { model, latent: { kind: 'latent', samples, space: model.space } }, params: { steps: 10, ...params } };
}

nodeContract(addNoise, {
  examples: {
    'an empty latent': () => example(0),
    'a latent noised to a late step': () => example(0.5, { step: 8 }),
    'one step forward': () => example(0.5, { from: 'before', step: 3 }),
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

it.each(['ddim', 'euler', 'heun', 'edm_euler'])('comes step by step to the level that it jumps to: %s', async (scheduler) => {
  const { model } = await models.open('emoji');
  const config = scheduler === 'edm_euler' ? { _class_name: 'EDMEulerScheduler' } : scheduler;
  const noised = async (value: LatentValue, params: Readonly<Record<string, unknown>>): Promise<LatentValue> =>
    (await outputsOf(addNoise, { inputs: { model, latent: value }, params: { steps: 6, scheduler: config, ...params } }))[
      'latent'
    ] as LatentValue;
  const clean: LatentValue = { kind: 'latent', samples: filled(2, model.space.channels, 64), space: model.space };
  const last = scheduler === 'heun' ? 10 : 5;
  let walked = clean;
  for (let step = last; step >= 0; step--) walked = await noised(walked, { step, from: 'before' });
  const jumped = await noised(clean, { step: 0 });
  const [mean, deviation] = momentsOf(walked);
  const [wantedMean, wantedDeviation] = momentsOf(jumped);
  expect(deviation / wantedDeviation).toBeCloseTo(1, 1);
  expect(Math.abs(mean - wantedMean)).toBeLessThan(0.05 * wantedDeviation);
});

function momentsOf({ samples: { data } }: LatentValue): readonly [mean: number, deviation: number] {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return [mean, Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length)];
}
