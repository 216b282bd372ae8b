import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { zeros } from '../tensor.ts';
import { sampler } from './sampler.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

async function example(name: 'tiny' | 'emoji', params: Readonly<Record<string, unknown>>, batch = 1): Promise<NodeExample> {
  const { model } = await models.open(name);
  const { space } = model;
  return {
    inputs: {
      model,
      positive: await models.encode(name, 'a red apple'),
      negative: await models.encode(name, ''),
      latent: { kind: 'latent', samples: zeros([batch, space.channels, 8, 8]), space },
    },
    params: { steps: 3, ...params },
    models: models.runtime,
  };
}

nodeContract(sampler, {
  examples: {
    'three steps with guidance': () => example('emoji', { seed: '42' }),
    'no guidance, another scheduler': () => example('emoji', { guidance: 1, scheduler: 'euler_ancestral' }),
    'a seed for each picture': () => example('emoji', { seed: ['1', '2'] }, 2),
    'a distilled model': () => example('tiny', { steps: 2 }),
  },
});

describe('Sampler', () => {
  it('tells each step and shows it', async () => {
    const { progress, previews } = await runExample(sampler, await example('emoji', {}));
    expect(progress).toEqual([1, 2, 3].map((done) => [done, 3]));
    expect(previews).toHaveLength(3);
  });

  it('gives each picture of a batch what its seed gives alone', async () => {
    const both = (await outputsOf(sampler, await example('emoji', { seed: ['1', '2'] }, 2)))['latent'] as {
      samples: { data: Float32Array };
    };
    const second = (await outputsOf(sampler, await example('emoji', { seed: '2' })))['latent'] as { samples: { data: Float32Array } };
    const half = both.samples.data.subarray(both.samples.data.length / 2);
    for (const [at, value] of second.samples.data.entries()) expect(half[at]).toBeCloseTo(value, 3);
  });

  it('refuses a strength with nothing to keep', async () => {
    const { outcome } = await runExample(sampler, await example('emoji', { strength: 0.5 }));
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'node.invalidInput', socket: 'strength' } });
  });
});
