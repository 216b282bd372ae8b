import type { XY } from '../editor.ts';
import type { Area } from './find-wire-under.ts';

/** Room that is left around what had to make way. */
const GAP = 24;

/**
 * The place where a box covers no other: just where it is wanted if it does so there, else the nearest one with a little room around it.
 * There always is one; it may lie outside of what is seen.
 */
export function findFreePlace(wanted: XY, size: Pick<Area, 'width' | 'height'>, taken: readonly Area[]): XY {
  if (keepOut(size, taken, 0).every((one) => !holds(one, wanted))) return wanted;
  // Where the box's corner may not be. The nearest place outside all of these lies in the column of `wanted`, or on a side of one.
  const barred = keepOut(size, taken, GAP);
  const columns = [wanted.x, ...barred.flatMap(({ right, left }) => [right, left])];
  let best: { readonly at: XY; readonly distance: number } | undefined;
  for (const x of new Set(columns)) {
    if (Math.abs(x - wanted.x) >= (best?.distance ?? Number.POSITIVE_INFINITY)) continue;
    const inColumn = barred.filter(({ left, right }) => left < x && x < right);
    for (const y of [firstFree(wanted.y, inColumn, 1), firstFree(wanted.y, inColumn, -1)]) {
      const distance = Math.hypot(x - wanted.x, y - wanted.y);
      if (distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { at: { x, y }, distance };
    }
  }
  return best?.at ?? wanted;
}

interface Barred {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function keepOut({ width, height }: Pick<Area, 'width' | 'height'>, taken: readonly Area[], gap: number): Barred[] {
  return taken.map((one) => ({
    left: one.x - width - gap,
    right: one.x + one.width + gap,
    top: one.y - height - gap,
    bottom: one.y + one.height + gap,
  }));
}

function holds({ left, right, top, bottom }: Barred, { x, y }: XY): boolean {
  return left < x && x < right && top < y && y < bottom;
}

/** From `from` down (1) or up (-1), the first height that nothing in the column bars. */
function firstFree(from: number, inColumn: readonly Barred[], way: 1 | -1): number {
  const inOrder = [...inColumn].sort((a, b) => (way === 1 ? a.top - b.top : b.bottom - a.bottom));
  let y = from;
  for (const { top, bottom } of inOrder) if (top < y && y < bottom) y = way === 1 ? bottom : top;
  return y;
}
