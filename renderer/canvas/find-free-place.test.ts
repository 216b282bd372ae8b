import { describe, expect, it } from 'vitest';
import { findFreePlace } from './find-free-place.ts';
import type { Area } from './find-wire-under.ts';

const size = { width: 200, height: 150 };
const covers = ({ x, y }: { readonly x: number; readonly y: number }, other: Area): boolean =>
  x < other.x + other.width && other.x < x + size.width && y < other.y + other.height && other.y < y + size.height;

describe('a place for a new node', () => {
  it('is just where it is wanted where that is free, however near others are', () => {
    const beside = { x: 600, y: 300, width: 248, height: 200 };
    expect(findFreePlace({ x: 400, y: 300 }, size, [])).toEqual({ x: 400, y: 300 });
    expect(findFreePlace({ x: 400, y: 300 }, size, [beside])).toEqual({ x: 400, y: 300 });
  });

  it('is the nearest one where nothing is covered, with a gap', () => {
    const other = { x: 350, y: 280, width: 248, height: 200 };
    // 174 up; 174 to the left would be 274 away, 222 to the right, 204 down.
    expect(findFreePlace({ x: 400, y: 300 }, size, [other])).toEqual({ x: 400, y: 280 - 150 - 24 });
  });

  it('may be between others, where there is just room', () => {
    const left = { x: 0, y: -2000, width: 300, height: 4000 };
    const right = { x: 300 + 24 + 200 + 24, y: -2000, width: 300, height: 4000 };
    expect(findFreePlace({ x: 260, y: 10 }, size, [left, right])).toEqual({ x: 324, y: 10 });
  });

  it('is found outside of a thousand nodes that leave no room between them', () => {
    const grid = Array.from({ length: 1000 }, (_, at) => ({ x: (at % 40) * 280, y: Math.floor(at / 40) * 320, width: 248, height: 290 }));
    const wanted = { x: 20 * 280 + 100, y: 3 * 320 + 50 };
    const place = findFreePlace(wanted, size, grid);
    expect(grid.some((one) => covers(place, one))).toBe(false);
    expect(place).toEqual({ x: wanted.x, y: -174 });
  });

  it('is as near as any free place on a fine grid', () => {
    // Places by chance, always the same ones.
    const chance = (at: number): number => ((at * 7919) % 1000) / 1000;
    for (let round = 0; round < 40; round += 1) {
      const taken = Array.from({ length: 12 }, (_, at) => ({
        x: Math.round(chance(round * 31 + at * 3) * 1500),
        y: Math.round(chance(round * 17 + at * 5 + 1) * 1200),
        width: 248,
        height: 100 + Math.round(chance(round + at) * 300),
      }));
      const wanted = { x: 700, y: 500 };
      const place = findFreePlace(wanted, size, taken);
      expect(taken.some((one) => covers(place, one))).toBe(false);
      const distance = Math.hypot(place.x - wanted.x, place.y - wanted.y);
      const roomy = taken.map(({ x, y, width, height }) => ({ x: x - 24, y: y - 24, width: width + 48, height: height + 48 }));
      for (let x = wanted.x - distance; x <= wanted.x + distance; x += 20) {
        for (let y = wanted.y - distance; y <= wanted.y + distance; y += 20) {
          if (Math.hypot(x - wanted.x, y - wanted.y) >= distance - 1e-6) continue;
          expect(roomy.some((one) => covers({ x, y }, one))).toBe(true);
        }
      }
    }
  });
});
