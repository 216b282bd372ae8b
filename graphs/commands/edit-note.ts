import type { Result } from '../../nodes/problem.ts';
import type { GraphDraft, Note } from '../document.ts';
import { editCanvasItem } from './canvas-item.ts';

/** Changes some fields of a note. */
export function editNote(draft: GraphDraft, args: { readonly id: string; readonly change: Partial<Note> }): Result<null> {
  return editCanvasItem(draft, 'notes', args.id, args.change);
}
