import type { Result } from '../../nodes/problem.ts';
import type { GraphDraft, Note } from '../document.ts';
import type { IdSource } from '../id-source.ts';
import { addCanvasItem } from './canvas-item.ts';

/** Adds a note to the canvas and gives its id. */
export function addNote(draft: GraphDraft, args: { readonly ids: IdSource; readonly note: Note }): Result<string> {
  return addCanvasItem(draft, 'notes', args.ids, args.note);
}
