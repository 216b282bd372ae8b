import { afterEach, beforeEach, expect, it } from 'vitest';
import { setParam } from '../../graphs/commands/set-param.ts';
import { nodeId } from '../../graphs/document.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import type { CallArgs, CallName, ContractClient } from '../../host/contract.ts';
import { type DocumentHost, openDocumentHost } from '../../test/e2e/open-documents.ts';
import { makeDocument } from '../../test/e2e/open-test-host.ts';
import { testRegistry as registry } from '../../test/e2e/test-nodes.ts';
import { unwrap } from '../../test/unwrap.ts';
import { createDocumentSession, type DocumentSession } from '../documents/document-session.ts';
import { createDocumentStore, type DocumentStore } from './document-store.ts';
import { createInferenceStore, type InferenceStore } from './inference-store.ts';

const GRAPH = writeGraph(
  makeDocument({ a: ['test.number', { value: 1 }], work: ['test.steps', { count: 2 }] }, ['a.number > work.number']),
);

let host: DocumentHost;
let client: ContractClient;
let documents: DocumentStore;
let session: DocumentSession;
let inference: InferenceStore;
const asked: CallArgs<'graph.inferChanges'>[] = [];
beforeEach(async () => {
  host = await openDocumentHost();
  client = await host.connect();
  documents = createDocumentStore('Untitled');
  const opened = unwrap(await client.call('document.create', { client: 'one', title: 'Graph', graph: GRAPH }));
  const listener = { onForeignEdit: () => undefined, onSentence: () => undefined };
  const shelf = { put: () => undefined, take: () => undefined };
  session = unwrap(createDocumentSession({ client, window: 'one', shelf, listener }, opened));
  documents.onJournal((entry) => session.took(entry, documents.state.getState().edit));
  client.on('document.changed', session.onChanged);
  asked.length = 0;
  const overheard: ContractClient = {
    ...client,
    call<N extends CallName>(name: N, args: CallArgs<N>) {
      if (name === 'graph.inferChanges') asked.push(args as CallArgs<'graph.inferChanges'>); // as its name says
      return client.call(name, args);
    },
  };
  const open = { id: opened.document.id, shared: session.shared, settle: session.settle };
  inference = createInferenceStore(overheard, documents, () => open);
  documents.open(session.state.getState().edit, 'Graph');
});
afterEach(async () => {
  client.close();
  await host.close();
});

const set = (value: number): void =>
  void unwrap(
    documents.commit(`Set a to ${value}`, (draft) => setParam(draft, { registry, node: nodeId('a'), param: 'value', value }), {
      merge: 'a',
    }),
  );
const keysOf = async (): Promise<unknown> => {
  const { keys } = unwrap(await client.call('graph.infer', { graph: writeGraph(documents.document()) }));
  return new Map(Object.entries(keys));
};

it('what the host has itself is asked about by name, and what is told is about the document as it is', async () => {
  await inference.settle();
  expect(inference.state.getState().keys).toEqual(await keysOf());
  for (let value = 10; value < 15; value++) {
    set(value);
    if (value % 2 === 0) await inference.settle();
  }
  await inference.settle();
  expect(inference.state.getState().keys).toEqual(await keysOf());
  expect(asked.every(({ graph, document }) => graph === undefined && document !== undefined)).toBe(true);
  const count = asked.length;
  await inference.settle();
  expect(asked).toHaveLength(count);
});

it('in a gesture, and where the host has not got the document, all of it is sent', async () => {
  unwrap(documents.mark());
  set(10);
  await inference.settle();
  expect(asked.map(({ graph }) => typeof graph)).toEqual(['string']);
  expect(inference.state.getState().keys).toEqual(await keysOf());
  unwrap(documents.squash('Gesture'));
  unwrap(await session.settle());
  unwrap(await client.call('document.close', { id: session.state.getState().document.id, client: 'one', keep: true }));
  asked.length = 0;
  documents.stopMerging();
  inference.refresh();
  await expect.poll(() => asked.map(({ graph }) => typeof graph)).toEqual(['undefined', 'string']);
  await inference.settle();
  expect(inference.state.getState().keys).toEqual(await keysOf());
});
