import type { Drawing, Sheet } from './drawing.ts';
import type { DrawingUse } from './paint.ts';

/** What the drawing dialog is opened with. */
export interface DrawRequest {
  readonly use: DrawingUse;
  readonly drawing: Drawing;
  /** The file as it is, to begin with again; null: there is none. */
  readonly present: Sheet | null;
  /** Of a mask: the picture that it is laid over. */
  readonly beneath: ImageBitmap | null;
  /** Worth knowing before one begins. */
  readonly note: string | undefined;
  /** Makes it the node's file; gives the sentence why it can't be. */
  save(drawing: Drawing): Promise<string | undefined>;
}
