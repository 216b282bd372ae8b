import { expect, test } from 'vitest';
import { alignBoxes, distributeBoxes } from './arrange.ts';
import { type CanvasBox, contentOf, withContent } from './canvas-boxes.ts';

const box = (kind: CanvasBox['kind'], id: string, x: number, y: number, width = 10, height = 10): CanvasBox => ({
  kind,
  id,
  x,
  y,
  width,
  height,
});

test('boxes line up along what they cover together', () => {
  const boxes = [box('node', 'a', 0, 0), box('note', 'b', 30, 40, 20, 20), box('frame', 'c', 5, 90, 100, 50)];
  const xs = (edge: 'left' | 'centre' | 'right') => [...alignBoxes(boxes, edge).values()].map(({ x }) => x);
  const ys = (edge: 'top' | 'middle' | 'bottom') => [...alignBoxes(boxes, edge).values()].map(({ y }) => y);
  expect([xs('left'), xs('centre'), xs('right')]).toEqual([
    [0, 0, 0],
    [47.5, 42.5, 2.5],
    [95, 85, 5],
  ]);
  expect([ys('top'), ys('middle'), ys('bottom')]).toEqual([
    [0, 0, 0],
    [65, 60, 45],
    [130, 120, 90],
  ]);
});

test('the gaps between spread boxes are equal, and the outermost stay', () => {
  const boxes = [box('node', 'c', 100, 0), box('node', 'a', 0, 0), box('note', 'b', 12, 0, 30)];
  const places = distributeBoxes(boxes, 'x');
  expect([...places].map(([{ id }, { x }]) => [id, x])).toEqual([
    ['a', 0],
    ['b', 40],
    ['c', 100],
  ]);
  expect(distributeBoxes(boxes.slice(1), 'x').size).toBe(0);
});

test('what lies in a frame goes with it; a larger frame does not', () => {
  const outer = box('frame', 'outer', 0, 0, 400, 400);
  const frame = box('frame', 'frame', 100, 100, 200, 200);
  const node = box('node', 'node', 150, 150);
  const note = box('note', 'note', 295, 295, 40, 40);
  const all = [outer, frame, node, note];
  expect(contentOf(frame, all)).toEqual([node]);
  expect(contentOf(outer, all)).toEqual([frame, node, note]);
  const moved = withContent(new Map([[frame, { x: 110, y: 90 }]]), all);
  expect([...moved].map(([{ id }, { x, y }]) => [id, x, y])).toEqual([
    ['frame', 110, 90],
    ['node', 160, 140],
  ]);
});
