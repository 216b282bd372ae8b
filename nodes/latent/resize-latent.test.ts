import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import type { LatentSpace, LatentValue } from '../socket-values.ts';
import { tensor } from '../tensor.ts';
import { resizeLatent } from './resize-latent.ts';

const space: LatentSpace = { id: 'sd', label: 'SD 1.x / 2.x', channels: 4, factor: 8 };
const latent: LatentValue = { kind: 'latent', samples: gradientPicture(2, 4, 6, 8), space };

nodeContract(resizeLatent, {
  examples: {
    larger: () => ({ inputs: { latent }, params: {} }),
    'smaller, by the nearest': () => ({ inputs: { latent }, params: { scale: 0.3, method: 'nearest' } }),
  },
});

it("agrees with torch's interpolate", async () => {
  const row: LatentValue = { kind: 'latent', space, samples: tensor(Float32Array.of(1, -2, 4, 8), [1, 1, 1, 4]) };
  const resized = async (params: Readonly<Record<string, unknown>>) =>
    [...((await outputsOf(resizeLatent, { inputs: { latent: row }, params }))['latent'] as LatentValue).samples.data].slice(0, 6);
  // F.interpolate(x, (2, 6) and (2, 8), mode=…, antialias=True for bilinear and bicubic) of torch 2.15.
  const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5));
  expect(await resized({ scale: 1.5 })).toEqual(close([1, -0.5, -1, 3, 6, 8]));
  expect(await resized({ scale: 1.5, method: 'bicubic' })).toEqual(close([1.197368, -0.764706, -1.497686, 3.011575, 6.470589, 8.263159]));
  expect(await resized({ scale: 2, method: 'nearest' })).toEqual([1, 1, -2, -2, 4, 4]);
});
