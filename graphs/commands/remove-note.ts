import type { Result } from '../../nodes/problem.ts';
import type { GraphDraft } from '../document.ts';
import { removeCanvasItem } from './canvas-item.ts';

/** Removes a note; nothing else is removed with it. */
export function removeNote(draft: GraphDraft, args: { readonly id: string }): Result<null> {
  return removeCanvasItem(draft, 'notes', args.id);
}
