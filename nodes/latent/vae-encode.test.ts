import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import type { LatentValue } from '../socket-values.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { vaeEncode } from './vae-encode.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

async function example(name: 'tiny' | 'emoji', image: Tensor, params: Readonly<Record<string, unknown>> = {}): Promise<NodeExample> {
  const { vae } = await models.open(name);
  return { inputs: { vae, image }, params, models: models.runtime };
}

nodeContract(vaeEncode, {
  examples: {
    'a batch': () => example('tiny', gradientPicture(2, 3, 32, 48)),
    'a grey picture': () => example('tiny', gradientPicture(1, 1, 32, 32)),
    'edges that are cropped': () => example('emoji', gradientPicture(1, 3, 35, 33), { fit: 'crop' }),
    'sides that are resized': () => example('emoji', gradientPicture(1, 3, 35, 33)),
    'nothing to crop': () => example('emoji', gradientPicture(1, 3, 32, 32), { fit: 'refuse' }),
  },
});

describe('VAE Encode', () => {
  it('crops edges evenly', async () => {
    const image = gradientPicture(1, 1, 34, 35);
    const middle = Array.from({ length: 32 }, (_, row) => image.data.slice((row + 1) * 35 + 1, (row + 1) * 35 + 33));
    const cropped = tensor(Float32Array.from(middle.flatMap((row) => [...row])), [1, 1, 32, 32]);
    expect(await outputsOf(vaeEncode, await example('emoji', image, { fit: 'crop' }))).toEqual(
      await outputsOf(vaeEncode, await example('emoji', cropped)),
    );
  });

  it('gives the mean with the distribution it is the mean of', async () => {
    const { latent } = await outputsOf(vaeEncode, await example('emoji', gradientPicture(1, 3, 32, 32)));
    const { samples, posterior } = latent as LatentValue;
    expect(samples).toEqual(posterior?.mean);
    expect(posterior?.std.data.every((value) => value > 0)).toBe(true);
  });

  it('refuses transparency, small pictures, and edges where it may not crop', async () => {
    const problemOf = async (image: Tensor, params = {}) => (await runExample(vaeEncode, await example('emoji', image, params))).outcome;
    for (const outcome of [
      await problemOf(gradientPicture(1, 4, 32, 32)),
      await problemOf(gradientPicture(1, 3, 2, 32)),
      await problemOf(gradientPicture(1, 3, 35, 32), { fit: 'refuse' }),
    ]) {
      expect(outcome).toMatchObject({ ok: false, problem: { code: 'node.invalidInput', socket: 'image' } });
    }
  });
});
