import { applyPatches, freeze, type Patch } from 'immer';
import { describe, expect, it } from 'vitest';
import type { GraphDocument, GraphDraft } from '../../graphs/document.ts';
import { bail, commit, type EditState, mark, redo, squash, startEditing, undo } from '../../graphs/history.ts';
import { readJournal, replayJournal, writeJournalLine } from '../../graphs/journal.ts';
import { readGraph } from '../../graphs/read-graph.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import type { Result } from '../../nodes/problem.ts';
import { unwrap } from '../unwrap.ts';

/** A command with its arguments filled in, and a document that it changes. */
export interface CommandCase {
  readonly registry: NodeRegistry;
  document(): GraphDocument;
  /** Called several times; must do the same each time, so ids come from a fresh source. */
  command(draft: GraphDraft): Result<unknown>;
}

/** What every command promises: it changes only the draft, can be undone and done again, says no more than it changes, survives a crash. */
export function commandContract(name: string, one: CommandCase): void {
  const run = (state: EditState) => unwrap(commit(state, name, (draft) => one.command(draft)));

  describe(`${name} keeps the command contract`, () => {
    it('leaves the document it was given alone and changes another', () => {
      const before = freeze(one.document(), true);
      const text = writeGraph(before);
      const { state, entry } = run(startEditing(before));
      expect(entry).toBeDefined();
      expect(writeGraph(before)).toBe(text);
      expect(writeGraph(state.document)).not.toBe(text);
    });

    it('undo gives the document before, redo the document after', () => {
      const before = one.document();
      const after = run(startEditing(before)).state;
      const undone = unwrap(undo(after)).state;
      expect(undone.document).toEqual(before);
      expect(writeGraph(undone.document)).toBe(writeGraph(before));
      expect(unwrap(redo(undone)).state.document).toEqual(after.document);
    });

    it('gives patches that are no more than the change', () => {
      const before = one.document();
      const { state } = run(startEditing(before));
      const [entry] = state.undo;
      expect(applyPatches(before, entry!.patches)).toEqual(state.document);
      expect(applyPatches(state.document, entry!.inverse)).toEqual(before);
      for (const patch of entry!.patches) {
        if (patch.op !== 'remove') expect(valueAt(before, patch)).not.toEqual(patch.value);
      }
      const places = entry!.patches.map((patch) => JSON.stringify(patch.path));
      expect(new Set(places).size).toBe(places.length);
    });

    it('is one entry in a gesture, and nothing after it is called off', () => {
      const marked = unwrap(mark(startEditing(one.document()))).state;
      const changed = run(marked).state;
      const squashed = unwrap(squash(changed, 'Gesture')).state;
      expect(squashed.undo.map((entry) => entry.label)).toEqual(['Gesture']);
      expect(unwrap(undo(squashed)).state.document).toEqual(one.document());
      expect(unwrap(bail(changed)).state).toEqual(startEditing(one.document()));
    });

    it('comes back from the journal, and the file it makes reads back the same', () => {
      const { state, entry } = run(startEditing(one.document()));
      const journal = readJournal(writeJournalLine(entry!));
      expect(journal.problems).toEqual([]);
      const replayed = replayJournal(one.document(), journal.entries);
      expect(replayed.state).toEqual(state);
      const read = readGraph(writeGraph(state.document), one.registry);
      expect(read.document).toEqual(state.document);
    });
  });
}

function valueAt(document: unknown, patch: Patch): unknown {
  return patch.path.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document);
}

/** The sentence of a result that must be a problem. */
export function sentenceOf(result: Result<unknown>): string {
  if (result.ok) throw new Error('a problem was expected');
  return result.problem.message;
}
