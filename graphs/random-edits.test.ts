import fc from 'fast-check';
import { freeze } from 'immer';
import { describe, expect, it } from 'vitest';
import type { Result } from '../nodes/problem.ts';
import { sketch } from '../test/example-graphs.ts';
import { exampleNodes, exampleRegistry as registry } from '../test/example-nodes.ts';
import { unwrap } from '../test/unwrap.ts';
import { addNode } from './commands/add-node.ts';
import { addNote } from './commands/add-note.ts';
import { connect } from './commands/connect.ts';
import { disconnect } from './commands/disconnect.ts';
import { duplicateNodes } from './commands/duplicate-nodes.ts';
import { moveNodes } from './commands/move-nodes.ts';
import { removeNodes } from './commands/remove-nodes.ts';
import { renameNode } from './commands/rename-node.ts';
import { setBypass } from './commands/set-bypass.ts';
import { setParam } from './commands/set-param.ts';
import { diffGraphs } from './diff-graphs.ts';
import { edgeEntries, type GraphDocument, type GraphDraft, nodeEntries } from './document.ts';
import { bail, commit, type EditState, type JournalEntry, mark, redo, squash, startEditing, undo } from './history.ts';
import { createIdSource } from './id-source.ts';
import { readJournal, replayJournal, writeJournalLine } from './journal.ts';
import { readGraph } from './read-graph.ts';
import { writeGraph } from './write-graph.ts';

/** Numbers that a step turns into one command on whatever the document holds by then. */
type Step = readonly [kind: number, a: number, b: number, c: number];
const step: fc.Arbitrary<Step> = fc.tuple(fc.nat(12), fc.nat(1000), fc.nat(1000), fc.nat(1000));

const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)];

function commandOf(
  state: EditState,
  [kind, a, b, c]: Step,
  ids: ReturnType<typeof createIdSource>,
): (draft: GraphDraft) => Result<unknown> {
  const { document } = state;
  const nodes = nodeEntries(document);
  const [source, target] = [pick(nodes, a), pick(nodes, b)];
  const definition = registry.get(target?.[1].type ?? '');
  if (kind <= 3 || source === undefined || target === undefined) {
    const type = pick(exampleNodes, a)?.id ?? '';
    return (draft) => addNode(draft, { registry, ids, type, ...(b % 2 ? { position: { x: b, y: c } } : {}) });
  }
  if (kind <= 6) {
    const output = pick(Object.keys(registry.get(source[1].type)?.outputs ?? {}), c) ?? 'none';
    const input = pick([...Object.keys(definition?.inputs ?? {}), ...Object.keys(definition?.params ?? {})], c) ?? 'none';
    return (draft) => connect(draft, { registry, ids, from: { node: source[0], output }, to: { node: target[0], input } });
  }
  if (kind === 7) {
    const [param, spec] = pick(Object.entries(definition?.params ?? {}), c) ?? ['none', undefined];
    const value = spec?.kind === 'text' ? `text ${b}` : spec?.kind === 'boolean' ? b % 2 === 0 : spec?.kind === 'seed' ? String(b) : b;
    return (draft) => setParam(draft, { registry, node: target[0], param, value });
  }
  if (kind === 8) return (draft) => removeNodes(draft, { nodes: [target[0]] });
  if (kind === 9) {
    const edge = pick(edgeEntries(document), c);
    return (draft) => disconnect(draft, { edges: edge ? [edge[0]] : [] });
  }
  if (kind === 10) return (draft) => duplicateNodes(draft, { ids, nodes: [source[0], target[0]], keepInputs: c % 2 === 0 });
  if (kind === 11) return (draft) => moveNodes(draft, { positions: new Map([[source[0], { x: b, y: c }]]) });
  return c % 3 === 0
    ? (draft) => renameNode(draft, { node: source[0], title: `Title ${b}` })
    : c % 3 === 1
      ? (draft) => setBypass(draft, { nodes: [source[0]], bypass: b % 2 === 0 })
      : (draft) => addNote(draft, { ids, note: { text: `${b}`, x: a, y: b, width: c, height: c } });
}

/** Carries steps out on a growing document; refused commands change nothing. */
function editRandomly(steps: readonly Step[], from: EditState, onEntry: (entry: JournalEntry) => void = () => {}): EditState[] {
  const ids = createIdSource();
  const states = [from];
  for (const one of steps) {
    const state = states.at(-1)!;
    const done = commit(state, `Step ${one[0]}`, commandOf(state, one, ids), one[0] === 11 ? { merge: `move ${one[1]}` } : 'record');
    if (!done.ok || done.value.entry === undefined) continue;
    onEntry(done.value.entry);
    // Whoever changed a state later would be caught.
    states.push(freeze(done.value.state, true));
  }
  return states;
}

const base = (): GraphDocument => sketch().node('photo', 'loadImage').node('blur', 'blur').wire('photo.image', 'blur.image').document();
const edits = fc.array(step, { minLength: 1, maxLength: 40 });

describe('whatever people do', () => {
  it('undo gives back every document before, and redo every one after', () => {
    fc.assert(
      fc.property(edits, (steps) => {
        const states = editRandomly(steps, startEditing(base()));
        let state = states.at(-1)!;
        const documents = [state.document];
        while (state.undo.length > 0) {
          state = unwrap(undo(state)).state;
          documents.push(state.document);
        }
        expect(state.document).toEqual(base());
        while (state.redo.length > 0) {
          state = unwrap(redo(state)).state;
          documents.pop();
          expect(state.document).toEqual(documents.at(-1));
        }
        expect(state.document).toEqual(states.at(-1)!.document);
      }),
      { numRuns: 120 },
    );
  });

  it('the file reads back the same, without a problem of structure, and differs from itself in nothing', () => {
    fc.assert(
      fc.property(edits, (steps) => {
        const { document } = editRandomly(steps, startEditing(base())).at(-1)!;
        const text = writeGraph(document);
        const read = readGraph(text, registry);
        expect(read.problems).toEqual([]);
        expect(read.document).toEqual(document);
        expect(writeGraph(read.document!)).toBe(text);
        expect(diffGraphs(document, read.document!, registry)).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  it('a gesture is one entry that can be undone or called off, and the journal brings everything back', () => {
    fc.assert(
      fc.property(edits, edits, fc.boolean(), (before, during, keep) => {
        const entries: JournalEntry[] = [];
        const note = (entry: JournalEntry): void => void entries.push(entry);
        const started = editRandomly(before, startEditing(base()), note).at(-1)!;
        const marked = unwrap(mark(started));
        note(marked.entry!);
        const changed = editRandomly(during, marked.state, note).at(-1)!;
        const ended = unwrap(keep ? squash(changed, 'Gesture') : bail(changed));
        note(ended.entry!);
        if (keep) {
          expect(ended.state.document).toEqual(changed.document);
          const undone = ended.state.undo.length > started.undo.length ? unwrap(undo(ended.state)).state : ended.state;
          expect(undone.document).toEqual(started.document);
        } else {
          expect(ended.state.document).toEqual(started.document);
          expect(ended.state.undo).toEqual(started.undo);
        }
        const journal = readJournal(entries.map(writeJournalLine).join(''));
        expect(journal.problems).toEqual([]);
        const replayed = replayJournal(base(), journal.entries);
        expect(replayed.problems).toEqual([]);
        expect(replayed.state.document).toEqual(ended.state.document);
        expect(replayed.state.undo).toEqual(ended.state.undo);
        expect(replayed.state.redo).toEqual(ended.state.redo);
      }),
      { numRuns: 80 },
    );
  });
});
