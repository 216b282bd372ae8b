import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf, runExample } from '../../test/contracts/run-example.ts';
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

it('refuses to go beyond the largest side', async () => {
  const wide: LatentValue = { kind: 'latent', space, samples: gradientPicture(1, 4, 1, 2000) };
  const { outcome } = await runExample(resizeLatent, { inputs: { latent: wide }, params: { scale: 2 } });
  expect(outcome).toMatchObject({
    ok: false,
    problem: { socket: 'scale', message: expect.stringMatching(/4000×2 cells, and a side may have 2048/) },
  });
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
  // F.interpolate(torch.arange(64.), 96 and 80, mode='nearest-exact'), where middles fall on borders: these come again and again.
  for (const [scale, again] of [
    [1.5, [0, 1, 1]],
    [1.25, [0, 1, 2, 2, 3]],
  ] as const) {
    const picked = Array.from({ length: 64 * scale }, (_, at) => {
      const cells = again.length / scale;
      return cells * Math.floor(at / again.length) + (again[at % again.length] ?? 0);
    });
    const count: LatentValue = {
      kind: 'latent',
      space,
      samples: tensor(
        Float32Array.from({ length: 64 }, (_, at) => at),
        [1, 1, 1, 64],
      ),
    };
    const { latent: got } = await outputsOf(resizeLatent, { inputs: { latent: count }, params: { scale, method: 'nearest' } });
    expect([...(got as LatentValue).samples.data].slice(0, picked.length)).toEqual(picked);
  }
});
