/*
 * A host process of its own for tests: opens the document of an id in a state folder, adds edits one after another, some of them
 * gestures, undone or done again, and says on stdout which entries are known to be kept. It goes on until it is killed.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { redo, undo } from '../../graphs/history.ts';
import { writeJournalLine } from '../../graphs/journal.ts';
import { readRecovery } from '../../graphs/recovery.ts';
import { createDocumentStore } from '../../host/documents/document-store.ts';
import { setTitle } from './open-documents.ts';

const [stateFolder = '', id = ''] = process.argv.slice(2);
const store = createDocumentStore(join(stateFolder, 'documents'), {
  onAdded: () => undefined,
  onState: () => undefined,
  onProblem: () => undefined,
});
const opened = await store.open(id, 'writer');
if (!opened.ok) throw new Error(opened.problem.message);
const { session } = opened.value;
const { base, journal, sequence: start } = await session.read();
const recovered = readRecovery(base, journal);
if (!recovered.ok || recovered.value.problems.length > 0) throw new Error('the document came back damaged');
let { state } = recovered.value;
let sequence = start;

for (let count = sequence; ; count++) {
  let lines: string;
  const step = count % 7;
  const moved = step === 3 ? undo(state) : step === 4 ? redo(state) : undefined;
  if (moved?.ok && moved.value.entry !== undefined) {
    state = moved.value.state;
    lines = writeJournalLine(moved.value.entry);
  } else {
    // Long enough that the journal is shortened, and lines are torn, now and then.
    const edit = setTitle(state, `${count} ${'x'.repeat(count % 11 === 0 ? 60_000 : 200)}`, `Edit ${count}`);
    state = edit.state;
    lines = edit.line;
  }
  const added = await session.append('writer', sequence, lines);
  if (!added.ok || added.value.outcome !== 'added') throw new Error(added.ok ? 'behind' : added.problem.message);
  sequence = added.value.sequence;
  writeSync(
    1,
    `${JSON.stringify({ sequence, label: state.undo.at(-1)?.label ?? '', undo: state.undo.length, redo: state.redo.length })}\n`,
  );
}
