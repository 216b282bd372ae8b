import type { Result } from '../../nodes/problem.ts';
import type { Frame, GraphDraft } from '../document.ts';
import { editCanvasItem } from './canvas-item.ts';

/** Changes some fields of a frame. */
export function editFrame(draft: GraphDraft, args: { readonly id: string; readonly change: Partial<Frame> }): Result<null> {
  return editCanvasItem(draft, 'frames', args.id, args.change);
}
