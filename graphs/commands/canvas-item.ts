import { fail, ok, type Problem, type Result } from '../../nodes/problem.ts';
import type { Frame, GraphDraft, Note } from '../document.ts';
import { explainShape, fileSchema } from '../file-schema.ts';
import type { IdSource } from '../id-source.ts';
import { quote } from '../node-name.ts';
import { readDraft } from './draft-access.ts';
import { layoutPart } from './layout-part.ts';

/** What stands on the canvas beside nodes: by part of the layout. */
export interface CanvasItems {
  frames: Frame;
  notes: Note;
}

const NOUNS: Readonly<Record<keyof CanvasItems, string>> = { frames: 'frame', notes: 'note' };

/** Adds a frame or a note; what has the wrong shape is refused. */
export function addCanvasItem<K extends keyof CanvasItems>(
  draft: GraphDraft,
  part: K,
  ids: IdSource,
  item: CanvasItems[K],
): Result<string> {
  const refusal = explainItem(part, item);
  if (refusal !== undefined) return fail(refusal);
  const items: Record<string, unknown> = layoutPart(draft, part);
  const id = ids.next(NOUNS[part], (one) => Object.hasOwn(items, one));
  items[id] = { ...item };
  return ok(id);
}

/** Changes some fields of a frame or a note. */
export function editCanvasItem<K extends keyof CanvasItems>(
  draft: GraphDraft,
  part: K,
  id: string,
  change: Partial<CanvasItems[K]>,
): Result<null> {
  const before: CanvasItems[K] | undefined = findItem(draft, part, id);
  if (before === undefined) return noSuchItem(part, id);
  const refusal = explainItem(part, { ...before, ...change });
  if (refusal !== undefined) return fail(refusal);
  const items: Record<string, Record<string, unknown>> = layoutPart(draft, part);
  for (const [field, value] of Object.entries(change)) {
    const item = items[id];
    if (item !== undefined && item[field] !== value) item[field] = value;
  }
  return ok(null);
}

/** Removes a frame or a note; nodes inside a frame stay. */
export function removeCanvasItem(draft: GraphDraft, part: keyof CanvasItems, id: string): Result<null> {
  if (findItem(draft, part, id) === undefined) return noSuchItem(part, id);
  delete draft.layout?.[part]?.[id];
  return ok(null);
}

function findItem<K extends keyof CanvasItems>(draft: GraphDraft, part: K, id: string): CanvasItems[K] | undefined {
  const items: Readonly<Record<string, unknown>> = readDraft(draft).layout?.[part] ?? {};
  return Object.hasOwn(items, id) ? (items[id] as CanvasItems[K]) : undefined; // this part holds nothing else
}

function explainItem(part: keyof CanvasItems, item: unknown): Problem | undefined {
  const wrong = explainShape(fileSchema.layout[part], item, NOUNS[part]);
  return wrong && { code: 'graph.commandRefused', severity: 'error', message: `This ${NOUNS[part]} can't be drawn: ${wrong.sentence}.` };
}

function noSuchItem(part: keyof CanvasItems, id: string): Result<never> {
  return fail('graph.commandRefused', `The graph has no ${NOUNS[part]} ${quote(id)}.`);
}
