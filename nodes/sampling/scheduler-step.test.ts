import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { TorchGenerator } from '../noise/torch-generator.ts';
import type { LatentValue } from '../socket-values.ts';
import { tensor } from '../tensor.ts';
import { guidance } from './guidance.ts';
import { schedulerStep } from './scheduler-step.ts';
import { unetStep } from './unet-step.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

async function noisy() {
  const { model } = await models.open('emoji');
  const { channels } = model.space;
  const of = (seed: bigint): LatentValue => ({
    kind: 'latent',
    samples: tensor(new TorchGenerator(seed).randn(channels * 64), [1, channels, 8, 8]),
    space: model.space,
  });
  return { model, latent: of(1n), prediction: of(2n) };
}

nodeContract(schedulerStep, {
  examples: {
    'a step': async () => ({ inputs: await noisy(), params: { steps: 5, step: 2 } }),
    'a step that draws noise': async () => ({ inputs: await noisy(), params: { steps: 5, scheduler: 'euler_ancestral', seed: '7' } }),
  },
});

it.each(['ddim', 'euler', 'euler_ancestral'])('does with Guidance what a U-Net Step does, to the bit: %s', async (scheduler) => {
  const { model, latent } = await noisy();
  const [positive, negative] = [await models.encode('emoji', 'a fox'), await models.encode('emoji', '')];
  const schedule = { scheduler, steps: 6, step: 3, seed: '5' };
  const whole = await outputsOf(unetStep, {
    inputs: { model, positive, negative, latent },
    params: { ...schedule, guidance: 4 },
    models: models.runtime,
  });
  const { conditional, unconditional } = whole;
  const { prediction } = await outputsOf(guidance, { inputs: { conditional, unconditional }, params: { guidance: 4 } });
  const parts = await outputsOf(schedulerStep, { inputs: { model, latent, prediction }, params: schedule });
  expect(prediction).toEqual(whole['prediction']);
  expect(parts['latent']).toEqual(whole['latent']);
  expect(parts['clean']).toEqual(whole['clean']);
});
