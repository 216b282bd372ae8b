import { describe, expect, it } from 'vitest';
import { textToImage } from '../test/example-graphs.ts';
import { exampleRegistry } from '../test/example-nodes.ts';
import { unwrap } from '../test/unwrap.ts';
import { moveNodes } from './commands/move-nodes.ts';
import { setParam } from './commands/set-param.ts';
import { nodeId } from './document.ts';
import {
  type CommitMode,
  commit,
  type Edited,
  type EditState,
  type JournalEntry,
  mark,
  redo,
  squash,
  startEditing,
  undo,
} from './history.ts';
import { readJournal, replayJournal, writeJournalLine } from './journal.ts';

/** Edits a document and writes the journal beside it, as the host does. */
function record(): { readonly journal: string; readonly states: readonly EditState[] } {
  const states: EditState[] = [startEditing(textToImage().document(), 3)];
  let journal = '';
  const follow = (edited: Edited): void => {
    states.push(edited.state);
    if (edited.entry !== undefined) journal += writeJournalLine({ ...edited.entry, at: '2026-11-24T12:00:00Z' } as JournalEntry);
  };
  const last = (): EditState => states.at(-1)!;
  const set = (param: string, value: unknown, mode?: CommitMode): void => {
    const args = { registry: exampleRegistry, node: nodeId('sampler'), param, value };
    follow(unwrap(commit(last(), `${param} ${value}`, (draft) => setParam(draft, args), mode)));
  };
  const move = (x: number): void =>
    follow(unwrap(commit(last(), 'Move', (draft) => moveNodes(draft, { positions: new Map([[nodeId('sampler'), { x, y: -0 }]]) }))));
  set('steps', 21, { merge: 'steps' });
  set('steps', 22, { merge: 'steps' });
  set('guidance', 3);
  follow(unwrap(undo(last())));
  follow(unwrap(redo(last())));
  follow(unwrap(mark(last())));
  move(1);
  move(2);
  follow(unwrap(squash(last(), 'Drag')));
  set('seed', '7');
  follow(unwrap(undo(last())));
  set('start', 0.5);
  return { journal, states };
}

describe('a journal', () => {
  it('rebuilds the document and its history, wherever the process was killed', () => {
    const { journal, states } = record();
    const lines = journal.split('\n');
    for (let kept = 0; kept < lines.length; kept++) {
      const text = lines
        .slice(0, kept)
        .map((line) => `${line}\n`)
        .join('');
      const read = readJournal(text);
      expect(read).toMatchObject({ intact: text, problems: [] });
      const { state, append, problems } = replayJournal(states[0]!.document, read.entries, 3);
      expect(problems).toEqual([]);
      const { mergeKey: _, gesture, ...expected } = states[kept]!;
      if (gesture === undefined) {
        expect(state).toEqual(expected);
        expect(append).toEqual([]);
      } else {
        expect(state.document).toEqual(expected.document);
        expect(append).toEqual([{ kind: 'squash', label: kept === 6 ? 'Recovered edit' : 'Move' }]);
        expect(replayJournal(states[0]!.document, [...read.entries, ...append], 3).state).toEqual(state);
      }
    }
  });

  it('loses a torn last line and nothing else', () => {
    const { journal, states } = record();
    for (const cut of [1, 2, 30, 100]) {
      const torn = journal.slice(0, -cut);
      const read = readJournal(torn);
      expect(read.problems).toEqual([]);
      expect(torn.startsWith(read.intact)).toBe(true);
      expect(read.intact).toBe(journal.slice(0, journal.lastIndexOf('\n', journal.length - 2) + 1));
      expect(replayJournal(states[0]!.document, read.entries, 3).state.document).toEqual(states.at(-2)!.document);
    }
  });

  it('ends at a line that is damaged, with a sentence', () => {
    const { journal } = record();
    const lines = journal.split('\n');
    for (const bad of ['{"kind": "commit"}', 'x', '{"kind":"undo","__proto__":1}', '{"kind":"dance"}', '']) {
      const read = readJournal([...lines.slice(0, 2), bad, ...lines.slice(3)].join('\n'));
      expect(read.entries).toHaveLength(2);
      expect(read.intact).toBe(`${lines[0]}\n${lines[1]}\n`);
      expect(read.problems.map((one) => one.message)).toEqual([
        'The recovery journal is damaged at entry 3; later edits are lost. Earlier ones were recovered.',
      ]);
    }
  });

  it('ends at an entry that does not fit, with a sentence', () => {
    const { journal, states } = record();
    const { entries } = readJournal(journal);
    const foreign: JournalEntry = {
      kind: 'commit',
      label: 'x',
      into: 'new',
      inverse: [],
      patches: [{ op: 'replace', path: ['nodes', 'gone', 'title'], value: 1 }],
    };
    const replayed = replayJournal(states[0]!.document, [entries[0]!, foreign, entries[1]!]);
    expect(replayed.state.undo).toHaveLength(1);
    expect(replayed.problems[0]?.message).toMatch(/^The recovery journal can be followed up to entry 1 of 3: The change does not fit/);
    const early = replayJournal(states[0]!.document, [{ kind: 'undo' }]);
    expect(early.problems[0]?.message).toContain('There is nothing to undo.');
  });
});
