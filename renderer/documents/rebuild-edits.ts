import type { Patch } from 'immer';
import { carryOut, type EditState, type JournalEntry, startEditing } from '../../graphs/history.ts';
import { readBase } from '../../graphs/recovery.ts';
import { ok, type Result } from '../../nodes/problem.ts';
import { type AuthoredEntry, isSameEntry, readAuthoredLines } from './authored-lines.ts';

/** A document as the host has it. */
export interface HostEdits {
  readonly edit: EditState;
  /** The entries that led here, as far back as the host keeps them. */
  readonly entries: readonly AuthoredEntry[];
}

/** Rebuilds a document and its history from what the host keeps of it. */
export function rebuildEdits(base: string, journal: string): Result<HostEdits> {
  const document = readBase(base);
  if (!document.ok) return document;
  const entries = readAuthoredLines(journal);
  let edit = startEditing(document.value);
  for (const { entry } of entries) {
    const next = carryOut(edit, entry);
    if (!next.ok) return next;
    edit = next.value.state;
  }
  return ok({ edit, entries });
}

/** Which of a window's edits, made after entry number `after`, the host has not got; and whether others' came between. */
export function findUnseen(
  host: HostEdits & { readonly sequence: number },
  mine: { readonly window: string; readonly after: number; readonly edits: readonly JournalEntry[] },
): { readonly unseen: JournalEntry[]; readonly hasForeign: boolean } {
  const count = Math.max(0, host.sequence - mine.after);
  const fresh = count === 0 ? [] : host.entries.slice(-count);
  const unseen = [...mine.edits];
  let hasForeign = fresh.length < count;
  for (const { entry, by } of fresh) {
    const [first] = unseen;
    if (by === mine.window && first !== undefined && isSameEntry(first, entry)) unseen.shift();
    else hasForeign = true;
  }
  return { unseen, hasForeign };
}

/** One step that makes a document what another one is: for edits whose own steps the host has lost. */
export function bridgeTo(from: EditState, to: EditState, label: string): JournalEntry | undefined {
  if (from.document === to.document) return undefined;
  const [before, after] = [from.document, to.document] as const;
  const parts = ['nodes', 'edges', 'layout', 'meta'] as const;
  const changed = parts.filter((part) => before[part] !== after[part]);
  const set = (state: typeof before): Patch[] =>
    changed.map((part) =>
      state[part] === undefined
        ? { op: 'remove', path: [part] }
        : { op: before[part] === undefined || after[part] === undefined ? 'add' : 'replace', path: [part], value: state[part] },
    );
  return changed.length === 0 ? undefined : { kind: 'commit', into: 'new', label, patches: set(after), inverse: set(before) };
}
