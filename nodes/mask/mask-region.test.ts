import { expect, it } from 'vitest';
import { tensor } from '../tensor.ts';
import { paintedBox, widenBox } from './mask-region.ts';

it('finds what is painted in any of the masks', () => {
  const mask = new Float32Array(2 * 4 * 5);
  mask[1 * 5 + 2] = 0.5;
  mask[20 + 3 * 5 + 4] = 1;
  mask[0] = 0.49;
  expect(paintedBox(tensor(mask, [2, 1, 4, 5]))).toEqual({ left: 2, top: 1, right: 5, bottom: 4 });
  expect(paintedBox(tensor(new Float32Array(20), [1, 1, 4, 5]))).toBeUndefined();
});

it('widens a box to a shape, inside of the picture', () => {
  const picture = { width: 100, height: 60 };
  const square = { width: 64, height: 64 };
  expect(widenBox({ left: 40, top: 20, right: 50, bottom: 40 }, 4, square, picture)).toEqual({ left: 31, top: 16, right: 59, bottom: 44 });
  expect(widenBox({ left: 0, top: 0, right: 10, bottom: 10 }, 5, square, picture)).toEqual({ left: 0, top: 0, right: 20, bottom: 20 });
  expect(widenBox({ left: 90, top: 50, right: 100, bottom: 60 }, 5, square, picture)).toEqual({
    left: 80,
    top: 40,
    right: 100,
    bottom: 60,
  });
  expect(widenBox({ left: 0, top: 0, right: 100, bottom: 10 }, 0, square, picture)).toEqual({ left: 0, top: 0, right: 100, bottom: 60 });
});
