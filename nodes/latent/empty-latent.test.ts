import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { emptyLatent } from './empty-latent.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

async function example(name: 'tiny' | 'emoji', params: Readonly<Record<string, unknown>>): Promise<NodeExample> {
  const { model } = await models.open(name);
  return { inputs: { model }, params };
}

nodeContract(emptyLatent, {
  examples: {
    'the size it was trained on': () => example('emoji', {}),
    'a size and a batch': () => example('emoji', { width: 96, height: 32, batch: 3 }),
    'a tiny model': () => example('tiny', { width: 64, height: 128 }),
  },
});

describe('Empty Latent', () => {
  it('gives zeros in cells of the space', async () => {
    const { latent } = await outputsOf(emptyLatent, await example('emoji', { width: 96, height: 32 }));
    expect(latent).toMatchObject({ kind: 'latent', samples: { shape: [1, 8, 8, 24] } });
    expect((latent as { samples: { data: Float32Array } }).samples.data.every((value) => value === 0)).toBe(true);
  });

  it('refuses a size that is no whole number of cells', async () => {
    const { inputs } = await example('emoji', {});
    const { outcome } = await runExample(emptyLatent, { inputs: { ...inputs }, params: { width: 66 } });
    expect(outcome).toMatchObject({ ok: false, problem: { socket: 'width', message: expect.stringContaining('64 or 68') } });
  });
});
