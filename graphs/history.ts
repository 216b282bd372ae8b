import { enablePatches, Immer, type Patch } from 'immer';
import { fail, ok, type Result } from '../nodes/problem.ts';
import type { GraphDocument, GraphDraft } from './document.ts';
import { quote } from './node-name.ts';

/**
 * Documents are readonly by their types. Freezing them as well would walk all nodes of the graph at every edit, which takes longer than
 * the edit itself.
 */
const immer = new Immer({ autoFreeze: false });

/** How a change enters the history: on its own, into the last entry if that has the same key, or not at all (layout only). */
export type CommitMode = 'record' | 'skip' | { readonly merge: string };

/** One step that can be undone: what was done and how to take it back. */
export interface HistoryEntry {
  readonly label: string;
  readonly patches: readonly Patch[];
  readonly inverse: readonly Patch[];
}

/** A gesture under way: a drag, say. */
interface Gesture {
  /** As it was when the gesture began. */
  readonly document: GraphDocument;
  readonly redo: readonly HistoryEntry[];
  readonly entries: readonly HistoryEntry[];
  /** Everything that happened since, changes that skip the history too, in order. */
  readonly patches: readonly (readonly Patch[])[];
}

/** A document with its past and its undone future. A plain value: every function here returns a new one. */
export interface EditState {
  readonly document: GraphDocument;
  /** Oldest first. */
  readonly undo: readonly HistoryEntry[];
  /** Next one last. */
  readonly redo: readonly HistoryEntry[];
  readonly gesture?: Gesture;
  /** What the last entry was merged under; a commit with the same key goes into it. */
  readonly mergeKey?: string;
  /** How many entries are kept. */
  readonly limit: number;
}

/**
 * One thing that happened, as the journal keeps it: plain JSON. Carrying out a journal's entries one after another on the first
 * document gives the last one, with its history. `at` is for the host to fill in.
 */
export type JournalEntry =
  | JournalCommit
  | JournalSquash
  | JournalMove<'undo'>
  | JournalMove<'redo'>
  | JournalMove<'mark'>
  | JournalMove<'bail'>;

interface JournalCommit extends HistoryEntry {
  readonly kind: 'commit';
  /** A new entry of the history, part of the last one, or no part of it. */
  readonly into: 'new' | 'last' | 'none';
  readonly at?: string;
}

interface JournalSquash {
  readonly kind: 'squash';
  readonly label: string;
  readonly at?: string;
}

interface JournalMove<K extends string> {
  readonly kind: K;
  readonly at?: string;
}

/** A state after a change, and what to append to the journal; no entry: nothing changed. */
export interface Edited {
  readonly state: EditState;
  readonly entry: JournalEntry | undefined;
}

/** Entries kept when nobody says otherwise. */
export const HISTORY_LIMIT = 200;

/** A document nobody has changed yet. */
export function startEditing(document: GraphDocument, limit: number = HISTORY_LIMIT): EditState {
  return { document, undo: [], redo: [], limit };
}

/** Runs a command on a draft of the document. What the command refuses leaves everything as it was. */
export function commit<T>(
  state: EditState,
  label: string,
  command: (draft: GraphDraft) => Result<T>,
  mode: CommitMode = 'record',
): Result<Edited & { readonly value: T }> {
  enablePatches();
  let result: Result<T> | undefined;
  const [document, patches, inverse] = immer.produceWithPatches(state.document, (draft) => {
    result = command(draft as GraphDraft); // the draft of a GraphDocument is what GraphDraft names
  });
  if (result === undefined) throw new Error('a command must return a result');
  if (!result.ok) return result;
  if (patches.length === 0) return ok({ state, entry: undefined, value: result.value });
  const merges = typeof mode === 'object' && mode.merge === state.mergeKey && lastEntry(state) !== undefined;
  const into = mode === 'skip' ? 'none' : merges ? 'last' : 'new';
  if (into === 'none' && patches.some((patch) => patch.path[0] !== 'layout')) {
    throw new Error('a change that skips the history may touch the layout only: undo would not find its way back');
  }
  const entry: JournalCommit = { kind: 'commit', label, patches, inverse, into };
  const next = record(state, document, entry);
  return ok({ state: typeof mode === 'object' ? { ...next, mergeKey: mode.merge } : next, entry, value: result.value });
}

/** Takes the last entry back. Refused when there is none, or a gesture is under way. */
export function undo(state: EditState): Result<Edited> {
  return carryOut(state, { kind: 'undo' });
}

/** Does the entry that was undone last again. */
export function redo(state: EditState): Result<Edited> {
  return carryOut(state, { kind: 'redo' });
}

/** Begins a gesture: what is committed until `squash` will be one entry, and `bail` takes all of it back. */
export function mark(state: EditState): Result<Edited> {
  return carryOut(state, { kind: 'mark' });
}

/** Ends a gesture: its commits become one entry under this label. */
export function squash(state: EditState, label: string): Result<Edited> {
  return carryOut(state, { kind: 'squash', label });
}

/** Ends a gesture as if it had never begun. */
export function bail(state: EditState): Result<Edited> {
  return carryOut(state, { kind: 'bail' });
}

/** Ends what typing into one field has gathered: the next commit with the same key begins a new entry. */
export function stopMerging(state: EditState): EditState {
  const { mergeKey: _, ...rest } = state;
  return rest;
}

/** Carries out one journal entry. The only place where a history moves, live and when a journal is replayed. */
export function carryOut(state: EditState, entry: JournalEntry): Result<Edited> {
  switch (entry.kind) {
    case 'commit': {
      const document = patched(state.document, entry.patches);
      return document.ok ? ok({ state: record(state, document.value, entry), entry }) : document;
    }
    case 'undo':
    case 'redo':
      return travel(state, entry);
    case 'mark':
      if (state.gesture !== undefined) return refuse('A gesture is under way already. End it before another one begins.');
      return ok({
        state: { ...stopMerging(state), gesture: { document: state.document, redo: state.redo, entries: [], patches: [] } },
        entry,
      });
    case 'squash':
    case 'bail':
      return endGesture(state, entry);
    default:
      return entry satisfies never;
  }
}

function travel(state: EditState, entry: JournalMove<'undo'> | JournalMove<'redo'>): Result<Edited> {
  if (state.gesture !== undefined) return refuse(`Can't ${entry.kind} in the middle of a gesture. End it first.`);
  const back = entry.kind === 'undo';
  const step = (back ? state.undo : state.redo).at(-1);
  if (step === undefined) return refuse(`There is nothing to ${entry.kind}.`);
  const document = patched(state.document, back ? step.inverse : step.patches);
  if (!document.ok) return refuse(`${quote(step.label)} can't be ${back ? 'undone' : 'done again'}: ${document.problem.message}`);
  return ok({
    state: {
      ...stopMerging(state),
      document: document.value,
      undo: back ? state.undo.slice(0, -1) : [...state.undo, step],
      redo: back ? [...state.redo, step] : state.redo.slice(0, -1),
    },
    entry,
  });
}

function endGesture(state: EditState, entry: JournalSquash | JournalMove<'bail'>): Result<Edited> {
  const { gesture, ...rest } = stopMerging(state);
  if (gesture === undefined) return refuse('There is no gesture to end.');
  if (entry.kind === 'bail') return ok({ state: { ...rest, document: gesture.document, redo: gesture.redo }, entry });
  const [, patches, inverse] = immer.produceWithPatches(gesture.document, (draft) => {
    // Patches applied to a draft come out again as the shortest way from the first state to the last one.
    for (const patches of gesture.patches) immer.applyPatches(draft, patches);
  });
  if (patches.length === 0) return ok({ state: { ...rest, redo: gesture.entries.length === 0 ? gesture.redo : rest.redo }, entry });
  return ok({ state: pushed(rest, { label: entry.label, patches, inverse }), entry });
}

/** Puts a change that has happened into the history. */
function record(state: EditState, document: GraphDocument, change: JournalCommit): EditState {
  const { label, patches, inverse, into } = change;
  const gesture = state.gesture && { ...state.gesture, patches: [...state.gesture.patches, patches] };
  const moved: EditState = gesture === undefined ? { ...state, document } : { ...state, document, gesture };
  if (into === 'none') return moved;
  const next = stopMerging(moved);
  const last = into === 'last' ? lastEntry(state) : undefined;
  if (last === undefined) return pushed(next, { label, patches, inverse });
  const merged = { label, patches: chain(last.patches, patches), inverse: chain(inverse, last.inverse) };
  return pushed(withoutLast(next), merged);
}

function pushed(state: EditState, entry: HistoryEntry): EditState {
  if (state.gesture !== undefined) {
    return { ...state, redo: [], gesture: { ...state.gesture, entries: [...state.gesture.entries, entry] } };
  }
  return { ...state, redo: [], undo: [...state.undo, entry].slice(-state.limit) };
}

function lastEntry(state: EditState): HistoryEntry | undefined {
  return (state.gesture?.entries ?? state.undo).at(-1);
}

function withoutLast(state: EditState): EditState {
  if (state.gesture === undefined) return { ...state, undo: state.undo.slice(0, -1) };
  return { ...state, gesture: { ...state.gesture, entries: state.gesture.entries.slice(0, -1) } };
}

/** Two lists of patches as one; where both only set the same place, as typing does, the second setting is enough. */
function chain(first: readonly Patch[], second: readonly Patch[]): readonly Patch[] {
  const [one, other] = [first[0], second[0]];
  if (first.length !== 1 || second.length !== 1 || one === undefined || other === undefined) return [...first, ...second];
  const samePlace = one.path.length === other.path.length && one.path.every((step, at) => step === other.path[at]);
  if (samePlace && other.op === 'replace' && one.op !== 'remove') return [{ ...one, value: other.value }];
  return samePlace && other.op === 'remove' && one.op === 'replace' ? [other] : [...first, ...second];
}

function patched(document: GraphDocument, patches: readonly Patch[]): Result<GraphDocument> {
  enablePatches();
  try {
    return ok(immer.applyPatches(document, patches));
  } catch (error) {
    // Patches of a damaged journal may point at places that are not there.
    const reason = error instanceof Error ? error.message.slice(0, 160) : String(error);
    return fail('graph.damaged', `The change does not fit the document (${reason}).`);
  }
}

function refuse(message: string): Result<never> {
  return fail('graph.commandRefused', message);
}
