import { describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { imageGrid } from './image-grid.ts';

const plain = (value: number, width: number, height: number, channels = 3): Tensor =>
  tensor(new Float32Array(channels * width * height).fill(value), [1, channels, height, width]);

nodeContract(imageGrid, {
  examples: {
    'one picture': () => ({ inputs: { images: [gradientPicture(1, 3, 4, 6)] } }),
    'five pictures, near square': () => ({ inputs: { images: Array.from({ length: 5 }, () => gradientPicture(1, 3, 4, 6)) } }),
    'batches of different sizes': () => ({
      inputs: { images: [gradientPicture(2, 3, 4, 6), gradientPicture(1, 1, 9, 2), gradientPicture(3, 4, 5, 5)] },
      params: { columns: 4, gap: 3, background: '#123' },
    }),
    'a transparent background': () => ({
      inputs: { images: [gradientPicture(3, 4, 5, 5), gradientPicture(1, 3, 2, 2)] },
      params: { background: '#ff000080', gap: 0 },
    }),
    'more columns than pictures': () => ({ inputs: { images: [gradientPicture(2, 3, 5, 5)] }, params: { columns: 10 } }),
  },
});

/** One channel of the sheet, row by row. */
async function sheetOf(images: readonly Tensor[], params: Readonly<Record<string, unknown>>, channel = 0): Promise<number[][]> {
  const { data, shape } = (await outputsOf(imageGrid, { inputs: { images }, params }))['image'] as Tensor;
  const [, , height = 0, width = 0] = shape;
  return Array.from({ length: height }, (_, row) => [
    ...data.slice((channel * height + row) * width, (channel * height + row + 1) * width),
  ]);
}

describe('Grid', () => {
  it('lays pictures out row by row with gaps between cells', async () => {
    const images = [plain(0.25, 2, 1), plain(0.5, 2, 1), plain(0.75, 2, 1)];
    expect(await sheetOf(images, { gap: 1, background: '#000' })).toEqual([
      [0.25, 0.25, 0, 0.5, 0.5],
      [0, 0, 0, 0, 0],
      [0.75, 0.75, 0, 0, 0],
    ]);
    expect(await sheetOf(images, { gap: 0, columns: 1 })).toEqual([
      [0.25, 0.25],
      [0.5, 0.5],
      [0.75, 0.75],
    ]);
  });

  it('puts smaller pictures into the middle of their cell', async () => {
    expect(await sheetOf([plain(0, 4, 3), plain(0.5, 1, 1)], { gap: 0 })).toEqual([
      [0, 0, 0, 0, 1, 1, 1, 1],
      [0, 0, 0, 0, 1, 0.5, 1, 1],
      [0, 0, 0, 0, 1, 1, 1, 1],
    ]);
  });

  it('takes the pictures of a batch one by one', async () => {
    const batch = tensor(Float32Array.of(0.25, 0.5, 0.75, 1), [4, 1, 1, 1]);
    expect(await sheetOf([batch], { gap: 0 })).toEqual([
      [0.25, 0.5],
      [0.75, 1],
    ]);
  });

  it('lays transparent pictures over the background', async () => {
    const half = tensor(Float32Array.of(1, 0, 0, 0.5), [1, 4, 1, 1]);
    expect(await sheetOf([half], { background: '#0000ff' }, 0)).toEqual([[0.5]]);
    expect(await sheetOf([half], { background: '#0000ff' }, 2)).toEqual([[0.5]]);
    expect(await sheetOf([half], { background: '#0000ff00' }, 3)).toEqual([[0.5]]);
    expect(await sheetOf([half], { background: '#0000ff00' }, 0)).toEqual([[1]]);
  });

  it('is about as wide as high', async () => {
    const cells = async (count: number): Promise<string> => {
      const sheet = await sheetOf(
        Array.from({ length: count }, () => plain(0, 1, 1)),
        { gap: 0 },
      );
      return `${sheet[0]?.length}×${sheet.length}`;
    };
    expect(await Promise.all([1, 2, 3, 4, 5, 7, 12, 13].map(cells))).toEqual(['1×1', '2×1', '2×2', '2×2', '3×2', '3×3', '4×3', '4×4']);
  });

  it('says what is wrong with what it gets', async () => {
    const problemOf = async (images: readonly Tensor[], params = {}) =>
      (await runExample(imageGrid, { inputs: { images }, params })).outcome;
    expect(await problemOf([])).toMatchObject({ ok: false, problem: { code: 'node.invalidInput', socket: 'images' } });
    expect(await problemOf([...Array(9).fill(plain(0, 10_000, 1, 1)), plain(0, 1, 1000, 1)], { columns: 10 })).toMatchObject({
      ok: false,
      problem: { code: 'node.invalidInput', socket: 'images' },
    });
  });
});
