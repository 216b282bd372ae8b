import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { TorchGenerator } from '../noise/torch-generator.ts';
import type { LatentValue } from '../socket-values.ts';
import { tensor } from '../tensor.ts';
import { unetStep } from './unet-step.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

async function example(params: Readonly<Record<string, unknown>> = {}): Promise<NodeExample> {
  const { model } = await models.open('emoji');
  const { channels } = model.space;
  const samples = tensor(new TorchGenerator(1n).randn(channels * 64), [1, channels, 8, 8]);
  const latent: LatentValue = { kind: 'latent', samples, space: model.space };
  const [positive, negative] = [await models.encode('emoji', 'a fox'), await models.encode('emoji', '')];
  return { inputs: { model, positive, negative, latent }, params: { steps: 5, guidance: 3, ...params }, models: models.runtime };
}

nodeContract(unetStep, {
  examples: {
    'the first step': () => example(),
    'a later step without guidance': () => example({ step: 3, guidance: 1 }),
    'a step that draws noise': () => example({ step: 2, scheduler: 'euler_ancestral', seed: '18446744073709551615' }),
  },
});

it('gives the clean picture where nothing is left to denoise', async () => {
  const { latent, clean } = await outputsOf(unetStep, await example({ step: 4, scheduler: 'euler' }));
  const [next, seen] = [latent as LatentValue, clean as LatentValue];
  for (const [at, value] of next.samples.data.entries()) expect(value).toBeCloseTo(seen.samples.data[at] ?? 0, 4);
});

it('says which steps there are', async () => {
  const { outcome } = await runExample(unetStep, await example({ step: 5 }));
  expect(outcome).toMatchObject({
    ok: false,
    problem: {
      message: 'U-Net Step: the schedule has 5 steps, numbered from 0, and Step is 5. Lower Step, or raise Steps.',
      socket: 'step',
    },
  });
});
