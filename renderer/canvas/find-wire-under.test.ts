import { expect, test } from 'vitest';
import { edgeId } from '../../graphs/document.ts';
import { findWireUnder } from './find-wire-under.ts';

const wire = (id: string, y: number) => ({ id: edgeId(id), from: { x: 0, y }, to: { x: 400, y } });
const area = { x: 150, y: 100, width: 100, height: 80 };

test('a wire through the area is found, the one nearest to its middle first', () => {
  expect(findWireUnder(area, [wire('above', 105), wire('middle', 138), wire('below', 175)])).toBe('middle');
});

test('wires beside the area are not', () => {
  expect(findWireUnder(area, [wire('above', 90), wire('below', 190)])).toBeUndefined();
  expect(findWireUnder(area, [{ id: edgeId('left'), from: { x: 0, y: 140 }, to: { x: 140, y: 140 } }])).toBeUndefined();
});
