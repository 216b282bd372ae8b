import { expect, it } from 'vitest';
import { tensor } from '../tensor.ts';
import { keepTo, planEnlarging, resizeTo } from './enlarge-by.ts';

it.each([
  [4, 4, 'network'],
  [4, 16, 'network network'],
  [4, 8, 'network shrink to 2 network'],
  [4, 2, 'network shrink to 2'],
  [2, 8, 'network network network'],
  [3, 8, 'network network shrink to 8'],
  [3, 2, 'network shrink to 2'],
])('a network that enlarges %d times comes to %d times', (scale, factor, steps) => {
  const told = planEnlarging(scale, factor).map((step) => (step.kind === 'network' ? 'network' : `shrink to ${step.to}`));
  expect(told.join(' ')).toBe(steps);
});

it('keeps to the small picture: shrunk, the large one is nearer to it than before', () => {
  // Smooth, so that little is lost between the pixels.
  const small = tensor(
    Float32Array.from({ length: 720 }, (_, at) => 0.5 + 0.4 * Math.sin(at / 5)),
    [1, 3, 12, 20],
  );
  const drifted = resizeTo(small, { width: 80, height: 48 }, 'bicubic');
  const darker = tensor(
    drifted.data.map((value) => value * 0.9),
    [...drifted.shape],
  );
  const distance = (share: number): number => {
    const { data } = resizeTo(keepTo(darker, small, share), { width: 20, height: 12 }, 'box');
    return small.data.reduce((sum, value, at) => sum + Math.abs(value - (data[at] ?? 0)), 0) / data.length;
  };
  expect(keepTo(darker, small, 0)).toEqual(darker);
  expect(distance(1)).toBeLessThan(0.3 * distance(0));
  expect(distance(0.5)).toBeLessThan(0.7 * distance(0));
});
