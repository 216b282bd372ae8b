import type { XY } from '../editor.ts';
import type { Area } from './find-wire-under.ts';

const GRID = 40;
const GAP = 24;

/** The place in a view, nearest to where it is wanted, where a box of a size covers no other; where there is none, the wanted one. */
export function findFreePlace(wanted: XY, size: Pick<Area, 'width' | 'height'>, view: Area, taken: readonly Area[]): XY {
  const isFree = ({ x, y }: XY): boolean =>
    taken.every(
      (one) =>
        x + size.width + GAP <= one.x || one.x + one.width + GAP <= x || y + size.height + GAP <= one.y || one.y + one.height + GAP <= y,
    );
  if (isFree(wanted)) return wanted;
  let best: { readonly at: XY; readonly distance: number } | undefined;
  for (let y = view.y + GAP; y + size.height + GAP <= view.y + view.height; y += GRID) {
    for (let x = view.x + GAP; x + size.width + GAP <= view.x + view.width; x += GRID) {
      const distance = Math.hypot(x - wanted.x, y - wanted.y);
      if (distance < (best?.distance ?? Number.POSITIVE_INFINITY) && isFree({ x, y })) best = { at: { x, y }, distance };
    }
  }
  return best?.at ?? wanted;
}
