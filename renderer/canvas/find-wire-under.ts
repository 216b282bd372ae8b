import type { EdgeId } from '../../graphs/document.ts';
import type { XY } from '../editor.ts';

/** A wire as it lies on the canvas. */
export interface LaidWire {
  readonly id: EdgeId;
  readonly from: XY;
  readonly to: XY;
}

/** A rectangle on the canvas. */
export interface Area extends XY {
  readonly width: number;
  readonly height: number;
}

const SAMPLES = 24;

/** The wire that runs through an area, nearest to its middle; undefined when none does. */
export function findWireUnder(area: Area, wires: Iterable<LaidWire>): EdgeId | undefined {
  const middle: XY = { x: area.x + area.width / 2, y: area.y + area.height / 2 };
  let best: { readonly id: EdgeId; readonly distance: number } | undefined;
  for (const { id, from, to } of wires) {
    if (Math.max(from.y, to.y) < area.y || Math.min(from.y, to.y) > area.y + area.height) continue;
    for (let at = 1; at < SAMPLES; at++) {
      const { x, y } = pointOn(from, to, at / SAMPLES);
      if (x < area.x || x > area.x + area.width || y < area.y || y > area.y + area.height) continue;
      const distance = Math.hypot(x - middle.x, y - middle.y);
      if (distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { id, distance };
    }
  }
  return best?.id;
}

/** A point on the curve that React Flow draws from a socket at the right to one at the left. */
function pointOn(from: XY, to: XY, t: number): XY {
  const dx = to.x - from.x;
  const bend = dx >= 0 ? dx / 2 : 0.25 * 25 * Math.sqrt(-dx);
  const [a, b, c, d] = [(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t ** 2, t ** 3];
  return {
    x: a * from.x + b * (from.x + bend) + c * (to.x - bend) + d * to.x,
    y: (a + b) * from.y + (c + d) * to.y,
  };
}
