import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { cropToMask } from './crop-to-mask.ts';
import { paintedBox } from './mask-region.ts';

const image = gradientPicture(1, 3, 40, 60);
/** One painted rectangle. */
function paint(left: number, top: number, right: number, bottom: number): Tensor {
  const data = new Float32Array(40 * 60).map((_, at) => {
    const [x, y] = [at % 60, Math.floor(at / 60)];
    return x >= left && x < right && y >= top && y < bottom ? 1 : 0;
  });
  return tensor(data, [1, 1, 40, 60]);
}

nodeContract(cropToMask, {
  examples: {
    'a part in the middle': () => ({ inputs: { image, mask: paint(20, 10, 30, 20) }, params: { width: 64, height: 64, room: 4 } }),
    'all of it, in another shape': () => ({ inputs: { image, mask: paint(0, 0, 60, 40) }, params: { width: 32, height: 64 } }),
  },
});

it('cuts out the box with room, in the shape asked for', async () => {
  const outputs = await outputsOf(cropToMask, {
    inputs: { image, mask: paint(20, 10, 30, 20) },
    params: { width: 24, height: 24, room: 7 },
  });
  expect(paintedBox(outputs['region'] as Tensor)).toEqual({ left: 13, top: 3, right: 37, bottom: 27 });
  // At its own size nothing is resampled.
  const part = outputs['image'] as Tensor;
  expect(part.data[5 * 24 + 2]).toBe(image.data[8 * 60 + 15]);
  expect([...(outputs['mask'] as Tensor).data].filter((value) => value === 1)).toHaveLength(100);
});

it('says when nothing is painted, and when the sizes differ', async () => {
  const message = async (mask: Tensor) => {
    const { outcome } = await runExample(cropToMask, { inputs: { image, mask }, params: {} });
    return outcome.ok ? '' : outcome.problem.message;
  };
  expect(await message(paint(0, 0, 0, 0))).toBe('Crop to Mask gets a mask in which nothing is painted. Paint what is to change white.');
  expect(await message(tensor(new Float32Array(4).fill(1), [1, 1, 2, 2]))).toMatch(/a mask of 2×2 for a picture of 60×40 pixels/);
});
