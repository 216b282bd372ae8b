import { expect, it } from 'vitest';
import { connect } from '../../graphs/commands/connect.ts';
import { moveNodes } from '../../graphs/commands/move-nodes.ts';
import { setCollapsed } from '../../graphs/commands/set-collapsed.ts';
import { setParam } from '../../graphs/commands/set-param.ts';
import { nodeId } from '../../graphs/document.ts';
import { startEditing } from '../../graphs/history.ts';
import { makeDocument } from '../../test/e2e/open-test-host.ts';
import { testRegistry as registry } from '../../test/e2e/test-nodes.ts';
import { unwrap } from '../../test/unwrap.ts';
import { createDocumentStore } from './document-store.ts';
import { paramStep } from './param-step.ts';

const [a, b, work] = [nodeId('a'), nodeId('b'), nodeId('work')];

it('wakes those who look at a node that has changed, and nobody else', () => {
  const documents = createDocumentStore('Untitled');
  documents.open(startEditing(makeDocument({ a: ['test.number'], b: ['test.number'], work: ['test.steps'] })), 'Graph');
  const woken: string[] = [];
  for (const node of [a, b, work]) documents.nodes.watch(node, () => woken.push(node));
  const after = (act: () => void): string[] => {
    woken.length = 0;
    act();
    return woken.slice();
  };
  const set = (value: number) => (): void =>
    void unwrap(
      documents.commit('Set', (draft) => setParam(draft, { registry, node: a, param: 'value', value }), { merge: paramStep(a, 'value') }),
    );
  expect(after(set(5))).toEqual([a]);
  expect(after(set(6))).toEqual([a]);
  // A parameter shows while its edit is gathered.
  expect(after(() => documents.stopMerging())).toEqual([a]);
  expect(after(() => documents.commit('Fold', (draft) => setCollapsed(draft, { nodes: [b], collapsed: true })))).toEqual([b]);
  expect(after(() => documents.commit('Move', (draft) => moveNodes(draft, { positions: new Map([[b, { x: 1, y: 2 }]]) })))).toEqual([]);
  const from = { node: b, output: 'number' };
  const to = { node: work, input: 'number' };
  expect(after(() => unwrap(documents.commit('Wire', (draft) => connect(draft, { registry, ids: documents.ids, from, to }))))).toEqual([
    a,
    b,
    work,
  ]);
});
