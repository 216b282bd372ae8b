import type { Draft } from 'immer';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { GraphDraft, GraphLayout, Point } from '../document.ts';

/** One part of the layout for writing; made where the document has none yet. */
export function layoutPart<K extends 'positions' | 'collapsed' | 'unfolded' | 'frames' | 'notes'>(
  draft: GraphDraft,
  part: K,
): Draft<NonNullable<GraphLayout[K]>> {
  draft.layout ??= {};
  const layout = draft.layout;
  layout[part] ??= {} as Draft<GraphLayout>[K]; // an empty record is a valid part of each kind
  return layout[part] as Draft<NonNullable<GraphLayout[K]>>; // filled in above
}

/** A place on the canvas, or the sentence that it is none. */
export function requirePlace(place: Pick<Point, 'x' | 'y'>): Result<Point> {
  if (Number.isFinite(place.x) && Number.isFinite(place.y)) return ok(place);
  return fail('graph.commandRefused', `A place on the canvas is two numbers, and this one is ${place.x}, ${place.y}.`);
}
