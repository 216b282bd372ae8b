import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, runExample } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { tensor } from '../tensor.ts';
import { vaeDecode } from './vae-decode.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

async function example(name: 'tiny' | 'emoji', batch: number): Promise<NodeExample> {
  const { vae } = await models.open(name);
  const shape = [batch, vae.space.channels, 6, 4];
  const data = Float32Array.from({ length: batch * vae.space.channels * 24 }, (_, at) => Math.sin(at));
  return { inputs: { vae, latent: { kind: 'latent', samples: tensor(data, shape), space: vae.space } }, models: models.runtime };
}

nodeContract(vaeDecode, {
  examples: {
    'one picture': () => example('tiny', 1),
    'a batch': () => example('tiny', 3),
    'the bundled model': () => example('emoji', 1),
  },
});

describe('VAE Decode', () => {
  it('refuses latents of another space', async () => {
    const { inputs } = await example('tiny', 1);
    const { vae } = await models.open('emoji');
    const { outcome } = await runExample(vaeDecode, { inputs: { ...inputs, vae }, models: models.runtime });
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'node.invalidInput', socket: 'latent' } });
  });
});
