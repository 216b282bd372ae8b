import type { Result } from '../../nodes/problem.ts';
import type { Frame, GraphDraft } from '../document.ts';
import type { IdSource } from '../id-source.ts';
import { addCanvasItem } from './canvas-item.ts';

/** Adds a frame to the canvas and gives its id. */
export function addFrame(draft: GraphDraft, args: { readonly ids: IdSource; readonly frame: Frame }): Result<string> {
  return addCanvasItem(draft, 'frames', args.ids, args.frame);
}
