import { describe, expect, it } from 'vitest';
import { sentenceOf } from '../test/contracts/command-contract.ts';
import { textToImage } from '../test/example-graphs.ts';
import { exampleRegistry } from '../test/example-nodes.ts';
import { unwrap } from '../test/unwrap.ts';
import { moveNodes } from './commands/move-nodes.ts';
import { setParam } from './commands/set-param.ts';
import { nodeId } from './document.ts';
import { type CommitMode, commit, type EditState, mark, redo, startEditing, undo } from './history.ts';
import { writeJournalLine } from './journal.ts';
import { hasDocumentShape, readBase, readRecovery, shortenHistory } from './recovery.ts';
import { writeGraph } from './write-graph.ts';

const setSteps = (state: EditState, value: number, mode?: CommitMode): EditState =>
  unwrap(
    commit(
      state,
      `Steps ${value}`,
      (draft) => setParam(draft, { registry: exampleRegistry, node: nodeId('sampler'), param: 'steps', value }),
      mode,
    ),
  ).state;
const move = (state: EditState, x: number, mode?: CommitMode): EditState =>
  unwrap(commit(state, 'Move', (draft) => moveNodes(draft, { positions: new Map([[nodeId('sampler'), { x, y: 0 }]]) }), mode)).state;

/** Shortens the history, writes it as files have it, and reads it again. */
function again(state: EditState): EditState {
  const short = shortenHistory(state)!;
  return unwrap(readRecovery(writeGraph(short.base), short.entries.map(writeJournalLine).join(''), state.limit)).state;
}

/** Every document that undo and redo can reach. */
function walk(state: EditState): string[] {
  let at = state;
  for (let next = redo(at); next.ok; next = redo(at)) at = next.value.state;
  const texts = [writeGraph(at.document)];
  for (let next = undo(at); next.ok; next = undo(at)) {
    at = next.value.state;
    texts.push(writeGraph(at.document));
  }
  return texts;
}

describe('a shortened history', () => {
  it('leads to the same document, the same steps back and the same steps forward', () => {
    let state = startEditing(textToImage().document(), 5);
    for (let steps = 1; steps <= 30; steps++) state = setSteps(state, steps);
    state = setSteps(setSteps(state, 40, { merge: 'steps' }), 41, { merge: 'steps' });
    state = unwrap(undo(unwrap(undo(state)).state)).state;
    const short = again(state);
    expect(writeGraph(short.document)).toBe(writeGraph(state.document));
    expect(short.undo.map((one) => one.label)).toEqual(state.undo.map((one) => one.label));
    expect(short.redo.map((one) => one.label)).toEqual(state.redo.map((one) => one.label));
    expect(walk(short)).toEqual(walk(state));
    expect(shortenHistory(state)!.entries.length).toBe(7);
  });

  it('keeps moves that are no steps', () => {
    let state = setSteps(startEditing(textToImage().document()), 3);
    state = move(state, 10, 'skip');
    state = move(setSteps(state, 4), 20);
    state = move(unwrap(undo(state)).state, 7, 'skip');
    expect(writeGraph(again(state).document)).toBe(writeGraph(state.document));
    expect(again(state).redo).toHaveLength(1);
  });

  it('waits for the end of a gesture', () => {
    expect(shortenHistory(unwrap(mark(startEditing(textToImage().document()))).state)).toBeUndefined();
  });
});

it('a base is taken as it is, with what a file would be mended of', () => {
  const document = textToImage().document();
  const odd = { ...document, edges: { e: { from: { node: 'gone', output: 'x' }, to: { node: 'sampler', input: 'y' } } } };
  expect(unwrap(readBase(writeGraph(odd as unknown as typeof document)))).toEqual(odd);
  for (const text of ['', '{', '[]', '{"format":"emulsion"}', '{"format":"emulsion","nodes":{"a":1},"edges":{}}']) {
    expect(sentenceOf(readBase(text))).toContain('The recovery copy is damaged');
  }
  expect(hasDocumentShape({ nodes: {}, edges: [] })).toBe(false);
});
