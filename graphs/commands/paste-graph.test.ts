import { expect, it } from 'vitest';
import { commandContract, sentenceOf } from '../../test/contracts/command-contract.ts';
import { textToImage } from '../../test/example-graphs.ts';
import { exampleRegistry as registry } from '../../test/example-nodes.ts';
import { unwrap } from '../../test/unwrap.ts';
import { type GraphDocument, nodeId } from '../document.ts';
import { extractNodes } from '../extract-nodes.ts';
import { commit, startEditing } from '../history.ts';
import { createIdSource } from '../id-source.ts';
import { duplicateNodes } from './duplicate-nodes.ts';
import { pasteGraph } from './paste-graph.ts';

const document = (): GraphDocument => ({
  ...textToImage().document(),
  layout: {
    positions: { [nodeId('sampler')]: { x: 10, y: 20, pinned: true } },
    collapsed: { [nodeId('decode')]: true },
    unfolded: { [nodeId('sampler')]: true },
    notes: { note: { text: 'n', x: 1, y: 1, width: 5, height: 5 } },
    frames: { frame: { title: 'f', x: 0, y: 0, width: 9, height: 9 } },
  },
});
const pair = [nodeId('sampler'), nodeId('decode')];

commandContract('paste-graph', {
  registry,
  document,
  command: (draft) => pasteGraph(draft, { ids: createIdSource(), graph: document(), offset: { x: 5, y: 6 } }),
});
commandContract('duplicate-nodes', {
  registry,
  document,
  command: (draft) => duplicateNodes(draft, { ids: createIdSource(), nodes: pair, keepInputs: true }),
});

it('pastes everything under fresh ids', () => {
  const { state, value } = unwrap(
    commit(startEditing(document()), 'Paste', (draft) =>
      pasteGraph(draft, { ids: createIdSource(), graph: document(), offset: { x: 5, y: 6 } }),
    ),
  );
  expect([...value].slice(0, 2)).toEqual([
    ['checkpoint', 'checkpoint2'],
    ['positive', 'positive2'],
  ]);
  expect(Object.keys(state.document.nodes)).toHaveLength(14);
  expect(Object.keys(state.document.edges)).toHaveLength(20);
  expect(state.document.layout).toMatchObject({
    positions: { sampler2: { x: 15, y: 26, pinned: true } },
    collapsed: { decode2: true },
    unfolded: { sampler2: true },
    notes: { note2: { text: 'n', x: 6, y: 7 } },
    frames: { frame2: { title: 'f', x: 5, y: 6 } },
  });
});

it('counts on instead of lengthening names', () => {
  const twice = unwrap(
    commit(startEditing(document()), 'Copy', (draft) => {
      const ids = createIdSource();
      const first = unwrap(duplicateNodes(draft, { ids, nodes: pair }));
      return duplicateNodes(draft, { ids, nodes: [...first.values()] });
    }),
  );
  expect([...twice.value]).toEqual([
    ['sampler2', 'sampler3'],
    ['decode2', 'decode3'],
  ]);
});

it('copies the wires among the copied, and with keepInputs those into them', () => {
  const run = (keepInputs: boolean) =>
    unwrap(commit(startEditing(document()), 'Copy', (draft) => duplicateNodes(draft, { ids: createIdSource(), nodes: pair, keepInputs })))
      .state.document;
  expect(Object.values(run(false).edges).filter((edge) => edge.to.node === 'sampler2' || edge.to.node === 'decode2')).toEqual([
    { from: { node: 'sampler2', output: 'latent' }, to: { node: 'decode2', input: 'latent' } },
  ]);
  expect(Object.values(run(true).edges).filter((edge) => edge.to.node === 'sampler2' || edge.to.node === 'decode2')).toHaveLength(6);
  expect(run(true).layout?.positions).toMatchObject({ sampler2: { x: 50, y: 60 } });
});

it('extracts what is there', () => {
  const copied = extractNodes(document(), [...pair, nodeId('gone')]);
  expect(Object.keys(copied.nodes)).toEqual(['sampler', 'decode']);
  expect(Object.values(copied.edges)).toHaveLength(1);
  expect(copied.layout).toMatchObject({ collapsed: { decode: true }, unfolded: { sampler: true } });
});

it('refuses nodes there are not and places that are none', () => {
  const state = startEditing(document());
  expect(sentenceOf(commit(state, 'Copy', (draft) => duplicateNodes(draft, { ids: createIdSource(), nodes: [nodeId('gone')] })))).toContain(
    'no node “gone”',
  );
  expect(
    sentenceOf(
      commit(state, 'Paste', (draft) =>
        pasteGraph(draft, { ids: createIdSource(), graph: document(), offset: { x: Number.POSITIVE_INFINITY, y: 0 } }),
      ),
    ),
  ).toBe('A place on the canvas is two numbers, and this one is Infinity, 0.');
});
