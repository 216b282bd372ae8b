import { describe, expect, it } from 'vitest';
import type { ModelValue } from '../socket-values.ts';
import { zeros } from '../tensor.ts';
import { timeIdsOf } from './time-ids.ts';

const sizes = { originalHeight: 100, originalWidth: 200, cropTop: 3, cropLeft: 5, targetHeight: 60, targetWidth: 70 };
const idsFor = (timeIds: number, own?: typeof sizes): number[] => {
  const model = { timeIds, space: { factor: 8 } } as ModelValue; // all that is looked at
  return Array.from(timeIdsOf(model, zeros([1, 4, 2, 3]), { sizes }, { sizes: own }).data);
};

describe('size conditioning', () => {
  it('of the text without is that of the text, unless it has its own', () => {
    expect(idsFor(6)).toEqual([100, 200, 3, 5, 60, 70, 100, 200, 3, 5, 60, 70]);
    expect(idsFor(6, { ...sizes, cropTop: 9 })).toEqual([100, 200, 9, 5, 60, 70, 100, 200, 3, 5, 60, 70]);
  });

  it('of the refiner has scores, and no crop for the text without', () => {
    expect(idsFor(5)).toEqual([100, 200, 0, 0, 2.5, 100, 200, 3, 5, 6]);
    expect(idsFor(5, sizes)).toEqual([100, 200, 3, 5, 2.5, 100, 200, 3, 5, 6]);
  });
});
