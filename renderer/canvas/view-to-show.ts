import type { CanvasView } from '../editor.ts';
import type { Area } from './find-wire-under.ts';

/** Room between what is shown and the edge, in CSS pixels. */
const MARGIN = 32;

/** The nearest view, at the same zoom, in which an area is seen whole, or from its corner where it is too large; the same view when it is seen. */
export function viewToShow(view: CanvasView, window: Pick<Area, 'width' | 'height'>, area: Area): CanvasView {
  const x = shift(view.x + area.x * view.zoom, area.width * view.zoom, window.width);
  const y = shift(view.y + area.y * view.zoom, area.height * view.zoom, window.height);
  return x === 0 && y === 0 ? view : { x: view.x + x, y: view.y + y, zoom: view.zoom };
}

/** How far something must move to lie between the edges. */
function shift(start: number, length: number, room: number): number {
  const isSeen = start >= 0 && start + length <= room;
  if (isSeen) return 0;
  const end = room - MARGIN - length;
  return start < MARGIN || end < MARGIN ? MARGIN - start : end - start;
}
