import type { Patch } from 'immer';
import { carryOut, type EditState, type JournalEntry, startEditing } from '../../graphs/history.ts';
import { readBase } from '../../graphs/recovery.ts';
import { ok, type Result } from '../../nodes/problem.ts';
import { type AuthoredEntry, readAuthoredLines } from './authored-lines.ts';

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
