import { expect, test } from 'vitest';
import { findFreePlace } from './find-free-place.ts';

const view = { x: 0, y: 0, width: 1000, height: 800 };
const size = { width: 200, height: 150 };

test('a free place is taken as wanted', () => {
  expect(findFreePlace({ x: 400, y: 300 }, size, view, [])).toEqual({ x: 400, y: 300 });
});

test('what is there is not covered, and the place stays near', () => {
  const other = { x: 350, y: 280, width: 248, height: 200 };
  const { x, y } = findFreePlace({ x: 400, y: 300 }, size, view, [other]);
  expect(x + 200 <= other.x || x >= other.x + other.width || y + 150 <= other.y || y >= other.y + other.height).toBe(true);
  expect(Math.hypot(x - 400, y - 300)).toBeLessThan(320);
});

test('a full view gives the wanted place', () => {
  expect(findFreePlace({ x: 400, y: 300 }, size, view, [view])).toEqual({ x: 400, y: 300 });
});
