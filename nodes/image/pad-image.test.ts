import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { padImage } from './pad-image.ts';

const row = tensor(Float32Array.of(0.1, 0.2, 0.3), [1, 1, 1, 3]);

nodeContract(padImage, {
  examples: {
    'room at one side': () => ({ inputs: { image: gradientPicture(2, 3, 5, 7) }, params: { right: 4 } }),
    'room all around, mirrored': () => ({
      inputs: { image: gradientPicture(1, 4, 4, 4) },
      params: { left: 9, top: 2, right: 3, bottom: 1, fill: 'mirror', overlap: 1 },
    }),
    'a colour': () => ({ inputs: { image: gradientPicture(1, 1, 3, 3) }, params: { left: 2, fill: 'color', color: '#ff0000' } }),
  },
});

const pad = async (params: Readonly<Record<string, unknown>>) => {
  const { image, mask } = await outputsOf(padImage, { inputs: { image: row }, params: { left: 2, right: 4, ...params } });
  return [image, mask].map((value) => [...(value as Tensor).data].map((one) => Math.round(one * 1000) / 1000));
};

it('fills the room as it is told', async () => {
  expect((await pad({ fill: 'edge' }))[0]).toEqual([0.1, 0.1, 0.1, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3]);
  expect((await pad({ fill: 'mirror' }))[0]).toEqual([0.2, 0.1, 0.1, 0.2, 0.3, 0.3, 0.2, 0.1, 0.1]);
  expect((await pad({ fill: 'color', color: '#ffffff' }))[0]).toEqual([1, 1, 0.1, 0.2, 0.3, 1, 1, 1, 1]);
});

it('masks the room, and as much of the picture as overlaps', async () => {
  expect((await pad({}))[1]).toEqual([1, 1, 0, 0, 0, 1, 1, 1, 1]);
  expect((await pad({ overlap: 1 }))[1]).toEqual([1, 1, 1, 0, 1, 1, 1, 1, 1]);
});
