import { expect, it } from 'vitest';
import { commandContract, sentenceOf } from '../test/contracts/command-contract.ts';
import { textToImage } from '../test/example-graphs.ts';
import { exampleRegistry as registry } from '../test/example-nodes.ts';
import { unwrap } from '../test/unwrap.ts';
import { setParam } from './commands/set-param.ts';
import { setSeedLock } from './commands/set-seed-lock.ts';
import { diffGraphs } from './diff-graphs.ts';
import { type GraphDraft, nodeId } from './document.ts';
import { commit, startEditing } from './history.ts';
import { readGraph } from './read-graph.ts';
import { differsInSeedsOnly, isUnlocked, listSeeds } from './unlocked-seeds.ts';
import { writeGraph } from './write-graph.ts';

const document = () => textToImage().document();
const seed = { node: nodeId('sampler'), param: 'seed' };
const unlock = (draft: GraphDraft) => setSeedLock(draft, { registry, ...seed, locked: false });
const unlocked = () => unwrap(commit(startEditing(document()), 'Unlock', unlock)).state;

commandContract('set-seed-lock', { registry, document, command: unlock });

it('is kept in the file and undone like anything else', () => {
  const { document: after } = unlocked();
  expect(after.nodes[seed.node]?.unlocked).toEqual({ seed: true });
  const text = writeGraph(after);
  expect(text).toContain('"unlocked": {"seed": true}');
  const read = readGraph(text, registry);
  expect(read.problems).toEqual([]);
  expect(read.document).toEqual(after);
  expect(isUnlocked(after, seed)).toBe(true);
  const locked = unwrap(commit(unlocked(), 'Lock', (draft) => setSeedLock(draft, { registry, ...seed, locked: true }))).state;
  expect(locked.document).toEqual(document());
  expect(diffGraphs(document(), after, registry).map(({ message }) => message)).toEqual([
    'Sampler “sampler”: Seed is thrown anew before each run',
  ]);
  expect(diffGraphs(after, document(), registry).map(({ message }) => message)).toEqual(['Sampler “sampler”: Seed is kept']);
});

it('is for seeds only, and a file that says otherwise is told', () => {
  const refused = commit(startEditing(document()), 'Unlock', (draft) =>
    setSeedLock(draft, { registry, ...seed, param: 'steps', locked: false }),
  );
  expect(sentenceOf(refused)).toBe('Sampler “sampler”: Steps is no seed, so there is nothing to throw. Lock seeds only.');
  const damaged = textToImage()
    .node('sampler', 'sampler', {}, { unlocked: { seed: 1 } as never })
    .document();
  expect(readGraph(JSON.stringify(damaged), registry).problems.map(({ code }) => code)).toContain('graph.damaged');
});

it('lists seeds that no wire gives', () => {
  expect(listSeeds(document(), registry)).toEqual([seed]);
  expect(listSeeds(textToImage().node('n', 'number').wire('n.value', 'sampler.seed').document(), registry)).toEqual([]);
});

it('tells a thrown seed from a change that somebody made', () => {
  const locked = document();
  const before = unwrap(commit(startEditing(locked), 'Unlock', unlock)).state;
  const set = (param: string, value: unknown) =>
    unwrap(commit(before, 'Set', (draft) => setParam(draft, { registry, node: seed.node, param, value }))).state.document;
  expect(differsInSeedsOnly(before.document, set('seed', '7'))).toBe(true);
  expect(differsInSeedsOnly(before.document, set('steps', 7))).toBe(false);
  expect(differsInSeedsOnly(locked, before.document)).toBe(false);
  expect(differsInSeedsOnly(before.document, { ...before.document, edges: { ...locked.edges } })).toBe(false);
});
