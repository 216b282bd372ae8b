import { ok, type Result } from '../../nodes/problem.ts';
import type { GraphDraft, NodeId, Point } from '../document.ts';
import { readDraft, requireNode } from './draft-access.ts';
import { layoutPart, requirePlace } from './layout-part.ts';

/** Puts nodes at places on the canvas. */
export function moveNodes(draft: GraphDraft, args: { readonly positions: ReadonlyMap<NodeId, Point> }): Result<null> {
  const document = readDraft(draft);
  for (const [id, point] of args.positions) {
    const found = requireNode(document, id);
    if (!found.ok) return found;
    const place = requirePlace(point);
    if (!place.ok) return place;
  }
  const before = document.layout?.positions ?? {};
  for (const [id, point] of args.positions) {
    const at = Object.hasOwn(before, id) ? before[id] : undefined;
    if (at?.x !== point.x || at.y !== point.y) layoutPart(draft, 'positions')[id] = { ...at, x: point.x, y: point.y };
  }
  return ok(null);
}
