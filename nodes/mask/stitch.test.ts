import { expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { softenMask } from './soften-mask.ts';
import { stitch } from './stitch.ts';

const image = gradientPicture(1, 3, 40, 60);
function box(left: number, top: number, right: number, bottom: number): Tensor {
  const data = new Float32Array(40 * 60).map((_, at) => {
    const [x, y] = [at % 60, Math.floor(at / 60)];
    return x >= left && x < right && y >= top && y < bottom ? 1 : 0;
  });
  return tensor(data, [1, 1, 40, 60]);
}
const region = box(10, 5, 34, 29);
const white = (count: number): Tensor => tensor(new Float32Array(count * 3 * 48 * 48).fill(1), [count, 3, 48, 48]);

nodeContract(stitch, {
  examples: {
    'one part': () => ({ inputs: { image, part: white(1), region, mask: box(15, 10, 25, 20) }, params: {} }),
    'two parts for one picture, all of the region': () => ({ inputs: { image, part: white(2), region }, params: {} }),
  },
});

it('changes what is painted and the feathered edge, and nothing else', async () => {
  const mask = box(15, 10, 25, 20);
  const stitched = (await outputsOf(stitch, { inputs: { image, part: white(1), region, mask }, params: { feather: 2 } }))[
    'image'
  ] as Tensor;
  const at = (x: number, y: number) => stitched.data[y * 60 + x];
  const was = (x: number, y: number) => image.data[y * 60 + x]!;
  expect(at(15, 10)).toBe(1);
  expect(at(24, 19)).toBe(1);
  expect(at(14, 12)).toBeCloseTo(was(14, 12) / 3 + 2 / 3, 6);
  expect(at(13, 12)).toBeCloseTo((2 * was(13, 12)) / 3 + 1 / 3, 6);
  expect(at(12, 12)).toBe(was(12, 12));
  expect(at(50, 35)).toBe(was(50, 35));
});

it('softens by the distance to the nearest painted pixel', () => {
  const soft = softenMask(box(30, 20, 31, 21), 9).data;
  for (const [x, y] of [
    [30, 20],
    [33, 24],
    [24, 12],
    [39, 20],
  ] as const) {
    expect(soft[y * 60 + x]).toBeCloseTo(Math.max(0, 1 - Math.hypot(x - 30, y - 20) / 10), 6);
  }
});

it('says what does not fit', async () => {
  const message = async (inputs: Readonly<Record<string, Tensor>>) => {
    const { outcome } = await runExample(stitch, { inputs: { image, part: white(1), region, ...inputs }, params: {} });
    return outcome.ok ? '' : outcome.problem.message;
  };
  expect(await message({ region: box(0, 0, 0, 0) })).toBe('Stitch gets an empty region. Wire that of Crop to Mask.');
  expect(await message({ part: tensor(new Float32Array(4), [1, 1, 2, 2]) })).toMatch(/a part with 1 channels for a picture with 3/);
  expect(await message({ image: gradientPicture(2, 3, 40, 60), part: white(3) })).toMatch(/2 pictures, 3 parts/);
  expect(await message({ mask: tensor(new Float32Array(1), [1, 1, 1, 1]) })).toMatch(/a mask of 1×1 for a picture of 60×40/);
});
