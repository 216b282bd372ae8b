import { expect, it } from 'vitest';
import { viewToShow } from './view-to-show.ts';

const window = { width: 1000, height: 800 };
const node = { x: 0, y: 0, width: 248, height: 200 };

it('leaves the view alone where all of it is seen', () => {
  const view = { x: 700, y: 590, zoom: 1 };
  expect(viewToShow(view, window, node)).toBe(view);
});

it.each([
  ['left', { x: -50, y: 300 }, { x: 32, y: 300 }],
  ['right', { x: 900, y: 300 }, { x: 1000 - 32 - 248, y: 300 }],
  ['above', { x: 300, y: -4000 }, { x: 300, y: 32 }],
  ['below and right', { x: 990, y: 799 }, { x: 1000 - 32 - 248, y: 800 - 32 - 200 }],
])('moves no farther than it must, at its zoom: %s', (_, from, to) => {
  expect(viewToShow({ ...from, zoom: 1 }, window, node)).toEqual({ ...to, zoom: 1 });
});

it('reckons with the zoom, and shows the corner of what is too large', () => {
  expect(viewToShow({ x: 990, y: 0, zoom: 0.5 }, window, node)).toEqual({ x: 1000 - 32 - 124, y: 0, zoom: 0.5 });
  expect(viewToShow({ x: 500, y: -300, zoom: 5 }, window, node)).toEqual({ x: 32, y: 32, zoom: 5 });
});
