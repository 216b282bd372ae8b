import { expect, it } from 'vitest';
import { commandContract, sentenceOf } from '../../test/contracts/command-contract.ts';
import { textToImage } from '../../test/example-graphs.ts';
import { exampleRegistry as registry } from '../../test/example-nodes.ts';
import { unwrap } from '../../test/unwrap.ts';
import { edgeId, type GraphDocument, nodeId } from '../document.ts';
import { commit, startEditing } from '../history.ts';
import { disconnect } from './disconnect.ts';
import { removeNodes } from './remove-nodes.ts';

const document = (): GraphDocument => ({
  ...textToImage().document(),
  layout: {
    positions: { [nodeId('sampler')]: { x: 1, y: 2 }, [nodeId('save')]: { x: 3, y: 4 } },
    collapsed: { [nodeId('sampler')]: true },
    unfolded: { [nodeId('sampler')]: true },
  },
});

commandContract('remove-nodes', {
  registry,
  document,
  command: (draft) => removeNodes(draft, { nodes: [nodeId('sampler'), nodeId('decode')] }),
});
commandContract('disconnect', { registry, document, command: (draft) => disconnect(draft, { edges: [edgeId('e1'), edgeId('e5')] }) });

it('removes nodes with their wires and their layout', () => {
  const { state } = unwrap(commit(startEditing(document()), 'Remove', (draft) => removeNodes(draft, { nodes: [nodeId('sampler')] })));
  expect(Object.keys(state.document.nodes)).not.toContain('sampler');
  expect(Object.keys(state.document.edges)).toEqual(['e1', 'e2', 'e3', 'e8', 'e10']);
  expect(state.document.layout).toEqual({ positions: { save: { x: 3, y: 4 } }, collapsed: {}, unfolded: {} });
});

it('refuses nodes and wires there are not, and then removes none', () => {
  const state = startEditing(document());
  expect(sentenceOf(commit(state, 'Remove', (draft) => removeNodes(draft, { nodes: [nodeId('save'), nodeId('samplr')] })))).toBe(
    'The graph has no node “samplr”. Did you mean sampler?',
  );
  expect(sentenceOf(commit(state, 'Cut', (draft) => disconnect(draft, { edges: [edgeId('e1'), edgeId('e99')] })))).toBe(
    'The graph has no wire “e99” to remove.',
  );
});
