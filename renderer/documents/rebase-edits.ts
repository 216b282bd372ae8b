import type { Patch } from 'immer';
import type { GraphDocument } from '../../graphs/document.ts';
import { carryOut, type EditState, type JournalEntry } from '../../graphs/history.ts';

/** Edits of this window, made again after those of another one. */
export interface RebasedEdits {
  readonly state: EditState;
  /** What was kept, as it is now. */
  readonly kept: readonly JournalEntry[];
  /** What no longer fits, in words: "Change steps to 30". */
  readonly lost: readonly string[];
}

/**
 * Makes edits again on top of a document that others have changed meanwhile. An edit of a thing that has gone, and an undo that would
 * take back somebody else's step, are left out. Without foreign edits they go on where they were.
 */
export function rebaseEdits(
  onto: EditState,
  entries: readonly JournalEntry[],
  wordsFor: (kind: 'undo' | 'redo') => string,
  hasForeign = true,
): RebasedEdits {
  let state = onto;
  const kept: JournalEntry[] = [];
  const lost: string[] = [];
  /** Steps of this window at the end of the history, and undone ones of it. */
  let own = hasForeign ? 0 : Number.POSITIVE_INFINITY;
  let undone = own;
  for (const entry of entries) {
    const fitted = fitEntry(entry, own, undone);
    const next = fitted === undefined ? undefined : carryOutSafely(state, fitted);
    if (fitted === undefined || next === undefined) {
      lost.push('label' in entry ? entry.label : wordsFor(entry.kind === 'redo' ? 'redo' : 'undo'));
      continue;
    }
    state = next;
    kept.push(fitted);
    if (fitted.kind === 'undo') {
      own -= 1;
      undone += 1;
    } else if (fitted.kind === 'redo') {
      own += 1;
      undone -= 1;
    } else if (fitted.kind === 'commit' && fitted.into !== 'none') {
      own += fitted.into === 'new' ? 1 : 0;
      undone = 0;
    }
  }
  return { state, kept, lost };
}

/** The entry as it may stand after others' steps; undefined: it may not. */
function fitEntry(entry: JournalEntry, own: number, undone: number): JournalEntry | undefined {
  switch (entry.kind) {
    case 'commit':
      // It would be merged into a step of somebody else.
      return entry.into === 'last' && own === 0 ? { ...entry, into: 'new' } : entry;
    case 'undo':
      return own > 0 ? entry : undefined;
    case 'redo':
      return undone > 0 ? entry : undefined;
    case 'mark':
    case 'squash':
    case 'bail':
      return entry;
    default:
      return entry satisfies never;
  }
}

function carryOutSafely(state: EditState, entry: JournalEntry): EditState | undefined {
  if (entry.kind === 'commit' && entry.patches.some((patch) => isTaken(state.document, patch))) return undefined;
  const next = carryOut(state, entry);
  return next.ok && !hasLooseWires(next.value.state.document) ? next.value.state : undefined;
}

/** True for a patch that adds a node, a wire, a frame or a note under a name that stands for another one by now. */
function isTaken(document: GraphDocument, { op, path }: Patch): boolean {
  const [part, , frameOrNote] = path;
  const isThing = ((part === 'nodes' || part === 'edges') && path.length === 2) || (part === 'layout' && path.length === 3);
  if (op !== 'add' || !isThing || (part === 'layout' && frameOrNote === undefined)) return false;
  if (part === 'layout' && path[1] !== 'frames' && path[1] !== 'notes') return false;
  let place: unknown = document;
  for (const step of path) {
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, step)) return false;
    place = (place as Readonly<Record<string, unknown>>)[step]; // an object, and it has this key
  }
  return true;
}

function hasLooseWires({ nodes, edges }: GraphDocument): boolean {
  return Object.values(edges).some(({ from, to }) => !Object.hasOwn(nodes, from.node) || !Object.hasOwn(nodes, to.node));
}
