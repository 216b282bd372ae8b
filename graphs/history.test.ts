import { describe, expect, it } from 'vitest';
import { sentenceOf } from '../test/contracts/command-contract.ts';
import { textToImage } from '../test/example-graphs.ts';
import { exampleRegistry } from '../test/example-nodes.ts';
import { unwrap } from '../test/unwrap.ts';
import { moveNodes } from './commands/move-nodes.ts';
import { removeNodes } from './commands/remove-nodes.ts';
import { setCollapsed } from './commands/set-collapsed.ts';
import { setParam } from './commands/set-param.ts';
import { findNode, nodeId } from './document.ts';
import { bail, type CommitMode, commit, type EditState, mark, redo, squash, startEditing, stopMerging, undo } from './history.ts';

const start = (limit?: number): EditState => startEditing(textToImage().document(), limit);
const sampler = nodeId('sampler');

function setSteps(state: EditState, value: number, mode?: CommitMode): EditState {
  const args = { registry: exampleRegistry, node: sampler, param: 'steps', value };
  return unwrap(commit(state, `Steps ${value}`, (draft) => setParam(draft, args), mode)).state;
}

function move(state: EditState, x: number, mode?: CommitMode): EditState {
  return unwrap(commit(state, 'Move', (draft) => moveNodes(draft, { positions: new Map([[sampler, { x, y: 0 }]]) }), mode)).state;
}

const steps = (state: EditState): unknown => findNode(state.document, 'sampler')?.params['steps'];
const back = (state: EditState): EditState => unwrap(undo(state)).state;
const forth = (state: EditState): EditState => unwrap(redo(state)).state;

describe('recording', () => {
  it('keeps labels, goes back and forth, and forgets the future on a new edit', () => {
    const edited = setSteps(setSteps(start(), 30), 40);
    expect(edited.undo.map((entry) => entry.label)).toEqual(['Steps 30', 'Steps 40']);
    expect(steps(back(back(edited)))).toBe(20);
    expect(steps(forth(back(edited)))).toBe(40);
    expect(setSteps(back(edited), 50).redo).toEqual([]);
    expect(sentenceOf(undo(start()))).toBe('There is nothing to undo.');
    expect(sentenceOf(redo(edited))).toBe('There is nothing to redo.');
  });

  it('records nothing for what a command refuses or does not change', () => {
    const state = start();
    const args = { registry: exampleRegistry, node: sampler, param: 'steps' };
    const refused = commit(state, 'Steps', (draft) => setParam(draft, { ...args, value: 0 }));
    expect(sentenceOf(refused)).toBe('Sampler “sampler”: Steps must be a whole number from 1 to 1000, and is 0.');
    const same = unwrap(commit(state, 'Steps', (draft) => setParam(draft, { ...args, value: 20 })));
    expect(same.entry).toBeUndefined();
    expect(same.state).toBe(state);
  });

  it('keeps as many entries as it is told', () => {
    let state = start(3);
    for (let value = 1; value <= 10; value++) state = setSteps(state, value);
    expect(state.undo.map((entry) => entry.label)).toEqual(['Steps 8', 'Steps 9', 'Steps 10']);
    expect(steps(back(back(back(state))))).toBe(7);
  });
});

describe('typing', () => {
  const mode = { merge: 'sampler.steps' };

  it('in one field is one entry, however long', () => {
    let state = start();
    for (let value = 1; value <= 100; value++) state = setSteps(state, value, mode);
    expect(state.undo).toHaveLength(1);
    expect(state.undo[0]).toMatchObject({ label: 'Steps 100', patches: [{ value: 100 }], inverse: [{ value: 20 }] });
    expect(steps(back(state))).toBe(20);
    expect(steps(forth(back(state)))).toBe(100);
  });

  it('into a parameter that the file left out stays one short entry', () => {
    const document = textToImage().node('sampler', 'sampler', { seed: '1' }).document();
    let state = startEditing(document);
    for (let value = 1; value <= 9; value++) state = setSteps(state, value, mode);
    expect(state.undo[0]?.patches).toHaveLength(1);
    expect(state.undo[0]?.inverse).toHaveLength(1);
    expect(back(state).document).toEqual(document);
  });

  it('begins anew in another field, after another edit, after undo, and when told so', () => {
    const typed = setSteps(start(), 21, mode);
    expect(setSteps(typed, 22, { merge: 'other' }).undo).toHaveLength(2);
    expect(setSteps(move(typed, 5), 22, mode).undo).toHaveLength(3);
    expect(setSteps(forth(back(typed)), 22, mode).undo).toHaveLength(2);
    expect(setSteps(stopMerging(typed), 22, mode).undo).toHaveLength(2);
    expect(setSteps(unwrap(squash(setSteps(unwrap(mark(typed)).state, 22, mode), 'G')).state, 23, mode).undo).toHaveLength(3);
  });
});

describe('gestures', () => {
  it('become one entry with the shortest patches', () => {
    let state = unwrap(mark(start())).state;
    for (let x = 0; x < 50; x++) state = move(state, x);
    const done = unwrap(squash(state, 'Move Sampler')).state;
    expect(done.undo).toHaveLength(1);
    expect(done.undo[0]?.label).toBe('Move Sampler');
    expect(done.undo[0]?.patches).toHaveLength(1);
    expect(done.document.layout?.positions?.[sampler]).toEqual({ x: 49, y: 0 });
    expect(back(done).document).toEqual(start().document);
    expect(forth(back(done)).document).toEqual(done.document);
  });

  it('can be called off, with the future they would have cost', () => {
    const before = back(setSteps(start(), 30));
    const dragging = move(unwrap(mark(before)).state, 7);
    expect(dragging.redo).toEqual([]);
    const after = unwrap(bail(dragging)).state;
    expect(after.document).toBe(before.document);
    expect(steps(forth(after))).toBe(30);
  });

  it('that change nothing leave no entry and cost no future', () => {
    const before = back(setSteps(start(), 30));
    const after = unwrap(squash(unwrap(mark(before)).state, 'Nothing')).state;
    expect(after.undo).toEqual([]);
    expect(after.redo).toHaveLength(1);
  });

  it('take changes that skip the history along', () => {
    const folded = unwrap(
      commit(unwrap(mark(start())).state, 'Fold', (draft) => setCollapsed(draft, { nodes: [sampler], collapsed: true }), 'skip'),
    ).state;
    const done = unwrap(squash(move(folded, 3), 'Move')).state;
    expect(back(done).document).toEqual(start().document);
    expect(forth(back(done)).document).toEqual(done.document);
  });

  it('do not nest, and undo waits for their end', () => {
    const state = unwrap(mark(start())).state;
    expect(sentenceOf(mark(state))).toBe('A gesture is under way already. End it before another one begins.');
    expect(sentenceOf(undo(state))).toBe("Can't undo in the middle of a gesture. End it first.");
    expect(sentenceOf(squash(start(), 'x'))).toBe('There is no gesture to end.');
  });
});

describe('changes that skip the history', () => {
  it('leave past and future alone', () => {
    const before = back(setSteps(start(), 30));
    const folded = unwrap(commit(before, 'Fold', (draft) => setCollapsed(draft, { nodes: [sampler], collapsed: true }), 'skip')).state;
    expect(folded.undo).toEqual([]);
    expect(steps(forth(folded))).toBe(30);
    expect(forth(folded).document.layout?.collapsed).toEqual({ sampler: true });
  });

  it('may touch the layout only', () => {
    expect(() => setSteps(start(), 3, 'skip')).toThrow('layout only');
  });
});

it('says so when an entry does not fit the document any more', () => {
  const state = setSteps(start(), 30);
  const gone = unwrap(commit(state, 'Remove', (draft) => removeNodes(draft, { nodes: [sampler] }))).state;
  const broken: EditState = { ...state, document: gone.document };
  expect(sentenceOf(undo(broken))).toMatch(/^“Steps 30” can't be undone: The change does not fit the document \(/);
});
