import { expect, it } from 'vitest';
import { tensor } from '../tensor.ts';
import { fillHole } from './fill-hole.ts';

const width = 21;
const ramp = tensor(
  Float32Array.from({ length: width * width }, (_, at) => (at % width) / width),
  [1, 1, width, width],
);
const hole = tensor(
  Float32Array.from({ length: width * width }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return x > 5 && x < 14 && y > 5 && y < 14 ? 1 : 0;
  }),
  [1, 1, width, width],
);

it('keeps what is known and goes smoothly through the hole', () => {
  const { data } = fillHole(ramp, hole);
  for (const [at, value] of data.entries()) {
    if (hole.data[at] === 0) expect(value).toBe(ramp.data[at]);
    else expect(Math.abs(value - ramp.data[at]!)).toBeLessThan(0.12);
  }
});

it('fills with the one colour around', () => {
  const red = tensor(new Float32Array(width * width).fill(0.25), [1, 1, width, width]);
  for (const value of fillHole(red, hole).data) expect(value).toBeCloseTo(0.25, 6);
});

it('turns grey where nothing is known', () => {
  const all = tensor(new Float32Array(width * width).fill(1), [1, 1, width, width]);
  expect(new Set(fillHole(ramp, all).data)).toEqual(new Set([0.5]));
});
