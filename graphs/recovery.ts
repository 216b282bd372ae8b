import { freeze, type Patch } from 'immer';
import { isRecord } from '../nodes/is-record.ts';
import { fail, ok, type Problem, type Result } from '../nodes/problem.ts';
import { canonicalJson } from './canonical-json.ts';
import { explainNotJson } from './check-json.ts';
import { FORMAT_NAME, type GraphDocument } from './document.ts';
import { carryOut, type EditState, HISTORY_LIMIT, type JournalEntry, startEditing } from './history.ts';
import { readJournal, replayJournal } from './journal.ts';
import { writeGraph } from './write-graph.ts';

/** A document with its history, rebuilt. */
export interface RecoveredEdit {
  readonly state: EditState;
  /** What the replay had to add: the end of a gesture that a crash cut short. */
  readonly append: readonly JournalEntry[];
  readonly problems: readonly Problem[];
}

/**
 * Rebuilds a document and its history from a recovery base and the journal that goes with it. The base is taken as it is, not mended
 * or migrated as a file would be: the journal's patches fit nothing else.
 */
export function readRecovery(base: string, journal: string, limit: number = HISTORY_LIMIT): Result<RecoveredEdit> {
  const document = readBase(base);
  if (!document.ok) return document;
  const { entries, problems } = readJournal(journal);
  const replayed = replayJournal(document.value, entries, limit);
  return ok({ ...replayed, problems: [...problems, ...replayed.problems] });
}

/** The document in a recovery base; refused when it is damaged. */
export function readBase(text: string): Result<GraphDocument> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return damaged('it is no JSON');
  }
  const reason = explainNotJson(value);
  if (reason !== undefined) return damaged(`it ${reason}`);
  if (!isRecord(value) || value['format'] !== FORMAT_NAME || !hasDocumentShape(value)) return damaged('it is no graph');
  return ok(freeze(value as unknown as GraphDocument, true)); // as checked above
}

/** True while nodes and wires are records of records: what everything that walks a document relies on. */
export function hasDocumentShape(document: Readonly<Record<string, unknown>>): boolean {
  return [document['nodes'], document['edges']].every((part) => isRecord(part) && Object.values(part).every(isRecord));
}

/** A journal that leads to the same state by the shortest way. */
export interface ShortJournal {
  readonly base: GraphDocument;
  readonly entries: readonly JournalEntry[];
}

/**
 * Where a journal may begin anew without losing a step: the document before the oldest step that can be undone, and the entries that
 * lead from there to the state given. Undefined where that can't be done: a gesture is under way, or a step can't be walked back.
 */
export function shortenHistory(state: EditState): ShortJournal | undefined {
  if (state.gesture !== undefined) return undefined;
  let base = startEditing(state.document, state.limit);
  for (const { label, inverse } of state.undo.toReversed()) {
    const back = carryOut(base, { kind: 'commit', into: 'none', label, patches: inverse, inverse: [] });
    if (!back.ok) return undefined;
    base = back.value.state;
  }
  const steps = [...state.undo, ...state.redo.toReversed()];
  const entries: JournalEntry[] = steps.map((step) => ({ kind: 'commit', into: 'new', ...step }));
  for (let count = state.redo.length; count > 0; count--) entries.push({ kind: 'undo' });
  const again = replayJournal(base.document, entries, state.limit);
  if (again.problems.length > 0) return undefined;
  // Moves that are no steps of the history may have been walked over.
  const layout = moveLayout(again.state.document, state.document);
  const whole = layout === undefined ? again.state : carryOutOne(again.state, layout);
  const isSame =
    whole !== undefined &&
    whole.undo.length === state.undo.length &&
    whole.redo.length === state.redo.length &&
    writeGraph(whole.document) === writeGraph(state.document);
  return isSame ? { base: base.document, entries: layout === undefined ? entries : [...entries, layout] } : undefined;
}

function moveLayout(from: GraphDocument, to: GraphDocument): JournalEntry | undefined {
  if (
    canonicalJson(from.layout ?? null) === canonicalJson(to.layout ?? null) &&
    (from.layout === undefined) === (to.layout === undefined)
  ) {
    return undefined;
  }
  const set = ({ layout }: GraphDocument): Patch =>
    layout === undefined ? { op: 'remove', path: ['layout'] } : { op: 'replace', path: ['layout'], value: layout };
  return { kind: 'commit', into: 'none', label: 'Layout', patches: [set(to)], inverse: [set(from)] };
}

function carryOutOne(state: EditState, entry: JournalEntry): EditState | undefined {
  const next = carryOut(state, entry);
  return next.ok ? next.value.state : undefined;
}

function damaged(reason: string): Result<never> {
  return fail('file.damaged', `The recovery copy is damaged: ${reason}.`);
}
