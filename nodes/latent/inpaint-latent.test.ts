import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import type { LatentValue } from '../socket-values.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { inpaintLatent } from './inpaint-latent.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

/** Painted on the right of `from`. */
function maskOf(batch: number, height: number, width: number, from: number): Tensor {
  const data = Float32Array.from({ length: batch * height * width }, (_, at) => (at % width >= from ? 1 : 0.4));
  return tensor(data, [batch, 1, height, width]);
}

async function example(image: Tensor, mask: Tensor, params: Readonly<Record<string, unknown>> = {}): Promise<NodeExample> {
  const { vae } = await models.open('emoji');
  return { inputs: { vae, image, mask }, params, models: models.runtime };
}

nodeContract(inpaintLatent, {
  examples: {
    'a picture with its mask': () => example(gradientPicture(1, 3, 32, 48), maskOf(1, 32, 48, 24)),
    'one mask for two pictures': () => example(gradientPicture(2, 3, 32, 32), maskOf(1, 32, 32, 16)),
    'a mask of another size': () => example(gradientPicture(1, 3, 32, 32), maskOf(1, 20, 64, 32)),
    'sides that do not divide': () => example(gradientPicture(1, 1, 33, 35), maskOf(1, 33, 35, 10), { fit: 'crop' }),
  },
});

it('gives the mask in latent cells, and a hole where it is painted', async () => {
  const image = gradientPicture(1, 3, 16, 16);
  const { latent } = await outputsOf(inpaintLatent, await example(image, maskOf(1, 16, 16, 6)));
  const { inpaint, posterior } = latent as LatentValue;
  expect([...(inpaint?.mask.data.subarray(0, 4) ?? [])]).toEqual([0, 0, 1, 1]);
  expect(inpaint?.masked.mean).not.toEqual(posterior?.mean);
});

it('crops a mask with its picture', async () => {
  const image = gradientPicture(1, 3, 16, 23);
  const cropped = await outputsOf(inpaintLatent, await example(image, maskOf(1, 16, 23, 5), { fit: 'crop' }));
  // 23 pixels become 20, of which the first is the second of the 23.
  expect([...((cropped['latent'] as LatentValue).inpaint?.mask.data.subarray(0, 5) ?? [])]).toEqual([0, 1, 1, 1, 1]);
});

it('refuses masks that are not as many as pictures', async () => {
  const { outcome } = await runExample(inpaintLatent, await example(gradientPicture(3, 3, 16, 16), maskOf(2, 16, 16, 6)));
  expect(outcome).toMatchObject({
    ok: false,
    problem: { message: 'Inpaint gets 2 masks for 3 pictures. Give one mask, or one for each picture.' },
  });
});

it('begins the painted part with what it is told, and leaves the rest', async () => {
  const image = gradientPicture(1, 3, 16, 16);
  const posteriorOf = async (fill: string) => {
    const { latent } = await outputsOf(inpaintLatent, await example(image, maskOf(1, 16, 16, 8), { fill }));
    const { mean, std } = (latent as LatentValue).posterior!;
    const of = (value: Tensor, isPainted: boolean) => [...value.data].filter((_, at) => at % 4 >= 2 === isPainted);
    return { painted: of(mean, true), kept: of(mean, false), deviations: of(std, true) };
  };
  const [original, nothing, noise] = [await posteriorOf('original'), await posteriorOf('nothing'), await posteriorOf('noise')];
  for (const one of [nothing, noise]) {
    expect(one.kept).toEqual(original.kept);
    expect(new Set(one.painted)).toEqual(new Set([0]));
  }
  expect(new Set(nothing.deviations)).toEqual(new Set([0]));
  expect(new Set(noise.deviations)).toEqual(new Set([1]));
  expect((await posteriorOf('surroundings')).painted).not.toEqual(original.painted);
});
