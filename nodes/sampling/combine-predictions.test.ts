import { describe, expect, it } from 'vitest';
import { type Tensor, tensor } from '../tensor.ts';
import { joinRegions, joinTexts } from './combine-predictions.ts';

/** One picture of one row. */
function row(...values: number[]): Tensor {
  return tensor(Float32Array.from(values), [1, 1, 1, values.length]);
}

describe('texts in one place', () => {
  it('add up what each adds to nothing', () => {
    const joined = joinTexts(
      [
        { predicted: row(1, 2), weight: 2 },
        { predicted: row(4, 4), weight: -1 },
      ],
      row(1, 1),
    );
    expect([...joined.data]).toEqual([1 + 2 * 0 - 3, 1 + 2 * 1 - 3]);
  });

  it('are averaged by weight where nothing is known without text', () => {
    const joined = joinTexts(
      [
        { predicted: row(1, 2), weight: 3 },
        { predicted: row(5, 6), weight: 1 },
      ],
      undefined,
    );
    expect([...joined.data]).toEqual([2, 3]);
  });

  it('are left alone where there is one', () => {
    const predicted = row(1, 2);
    expect(joinTexts([{ predicted, weight: 1 }], row(9, 9))).toBe(predicted);
    expect([...joinTexts([{ predicted, weight: 2 }], row(0, 0)).data]).toEqual([2, 4]);
  });
});

describe('regions', () => {
  it('are averaged by how much they cover, and leave the rest to what is predicted without text', () => {
    const regions = [
      { predicted: row(1, 1, 1, 1), cover: row(1, 0.5, 0, 0) },
      { predicted: row(3, 3, 3, 3), cover: row(0, 1.5, 2, 0) },
    ];
    expect([...joinRegions(regions, row(7, 7, 7, 7)).data]).toEqual([1, 2.5, 3, 7]);
    expect([...joinRegions(regions, undefined).data]).toEqual([1, 2.5, 3, 2]);
  });

  it('may cover everything, and each picture otherwise', () => {
    const two = (...values: number[]): Tensor => tensor(Float32Array.from(values), [2, 1, 1, 1]);
    const regions = [
      { predicted: two(1, 1), cover: undefined },
      { predicted: two(3, 3), cover: two(0, 1) },
    ];
    expect([...joinRegions(regions, undefined).data]).toEqual([1, 2]);
  });

  it('are left alone where there is one everywhere', () => {
    const predicted = row(1, 2);
    expect(joinRegions([{ predicted, cover: undefined }], undefined)).toBe(predicted);
  });
});
