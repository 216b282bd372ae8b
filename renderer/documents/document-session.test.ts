import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addNode } from '../../graphs/commands/add-node.ts';
import { connect } from '../../graphs/commands/connect.ts';
import { removeNodes } from '../../graphs/commands/remove-nodes.ts';
import { setParam } from '../../graphs/commands/set-param.ts';
import { type GraphDraft, nodeId } from '../../graphs/document.ts';
import type { CommitMode } from '../../graphs/history.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import type { CallResult, ContractClient, NamedEvent } from '../../host/contract.ts';
import type { Result } from '../../nodes/problem.ts';
import { type DocumentHost, openDocumentHost } from '../../test/e2e/open-documents.ts';
import { makeDocument } from '../../test/e2e/open-test-host.ts';
import { testRegistry as registry } from '../../test/e2e/test-nodes.ts';
import { unwrap } from '../../test/unwrap.ts';
import { createDocumentStore, type DocumentStore } from '../store/document-store.ts';
import { createReconnectingClient, type ReconnectingClient } from '../transport/reconnecting-client.ts';
import { createDocumentSession, type DocumentSession, type EditShelf, type KeptEdits } from './document-session.ts';

/** Far longer than it takes, for machines that do other things too. */
const SOON = { timeout: 10_000 };

const GRAPH = writeGraph(makeDocument({ a: ['test.number', { value: 1 }], b: ['test.number', { value: 2 }] }));

/** A window with one document, as the editor has it. */
interface TestWindow {
  readonly client: ReconnectingClient;
  readonly documents: DocumentStore;
  readonly session: DocumentSession;
  readonly sentences: string[];
  /** Cuts the connection; no other comes before `find`. */
  lose(): void;
  find(): void;
  text(): string;
  value(node: string): unknown;
  set(node: string, value: number, mode?: CommitMode): void;
  act(label: string, command: (draft: GraphDraft) => Result<unknown>): void;
}

let host: DocumentHost;
const windows: TestWindow[] = [];
/** Told what the host publishes before any window is. */
let beforeWindows: (event: NamedEvent) => void = () => undefined;
beforeEach(async () => {
  host = await openDocumentHost();
  beforeWindows = () => undefined;
  host.service.subscribe((event) => beforeWindows(event));
});
afterEach(async () => {
  for (const { client } of windows.splice(0)) client.close();
  await host.close();
});

/** Where edits lie that could not be sent: it outlives a window, as the browser's storage does. */
const shelves = new Map<string, KeptEdits>();
const shelf: EditShelf = {
  put: (document, edits) => void (edits === undefined ? shelves.delete(document) : shelves.set(document, edits)),
  take(document) {
    const found = shelves.get(document);
    shelves.delete(document);
    return found;
  },
};

async function openWindow(
  name: string,
  open: (client: ContractClient) => Promise<Result<CallResult<'document.open'>>>,
): Promise<TestWindow> {
  let lose: () => void = () => undefined;
  let gate: Promise<void> = Promise.resolve();
  let openGate: () => void = () => undefined;
  const client = createReconnectingClient(async () => {
    await gate;
    const inner = await host.connect();
    const lost = new Promise<void>((resolve) => {
      lose = () => {
        inner.close();
        resolve();
      };
    });
    return { client: inner, lost };
  });
  await new Promise<void>((resolve) => client.watch((isConnected) => isConnected && resolve()));
  const documents = createDocumentStore('Untitled');
  const sentences: string[] = [];
  const opened = unwrap(await open(client));
  const session = unwrap(
    createDocumentSession(
      {
        client,
        window: name,
        shelf,
        listener: { onForeignEdit: (edit) => documents.state.setState({ edit }), onSentence: (sentence) => sentences.push(sentence) },
      },
      opened,
    ),
  );
  documents.open(session.state.getState().edit, opened.document.title);
  documents.onJournal((entry) => session.took(entry, documents.state.getState().edit));
  client.on('document.changed', session.onChanged);
  client.on('document.state', session.onState);
  client.watch((isConnected) => isConnected && session.catchUp());
  const window: TestWindow = {
    client,
    documents,
    session,
    sentences,
    lose() {
      gate = new Promise((resolve) => {
        openGate = resolve;
      });
      lose();
    },
    find: () => openGate(),
    text: () => writeGraph(documents.document()),
    value: (node) => documents.document().nodes[nodeId(node)]?.params['value'],
    set: (node, value, mode) =>
      void unwrap(
        documents.commit(
          `Set ${node} to ${value}`,
          (draft) => setParam(draft, { registry, node: nodeId(node), param: 'value', value }),
          mode,
        ),
      ),
    act: (label, command) => void unwrap(documents.commit(label, command)),
  };
  windows.push(window);
  return window;
}

const begin = (name = 'one') =>
  openWindow(name, (client) => client.call('document.create', { client: name, title: 'Graph', graph: GRAPH }));
const join2 = (other: TestWindow, name = 'two') =>
  openWindow(name, (client) =>
    client.call('document.open', { client: name, source: { kind: 'document', id: other.session.state.getState().document.id } }),
  );
const undoLabels = (window: TestWindow): string[] => window.documents.state.getState().edit.undo.map(({ label }) => label);
const same = async (...those: TestWindow[]): Promise<void> => {
  for (const window of those) unwrap(await window.session.settle());
  const [first] = those;
  const show = (window: TestWindow): string => `${window.text()}${undoLabels(window).join('\n')}`;
  await expect.poll(() => new Set(those.map(show)).size, SOON).toBe(1);
  for (const { session, documents } of those) expect(session.shared()?.document).toBe(documents.document());
  // And what the host would give to a third one.
  const third = await join2(those[0]!, 'third');
  expect(third.text()).toBe(first?.text());
  expect(undoLabels(third)).toEqual(first && undoLabels(first));
};

describe('one window', () => {
  it('edits are in the host, with their undo history', async () => {
    const one = await begin();
    one.set('a', 5);
    one.set('a', 6, { merge: 'a' });
    one.set('a', 7, { merge: 'a' });
    unwrap(one.documents.undo());
    await same(one);
    expect(one.session.state.getState()).toMatchObject({ safety: 'kept', isDirty: true });
    expect(one.value('a')).toBe(5);
    unwrap(one.documents.redo());
    await same(one);
    expect(one.value('a')).toBe(7);
  });

  it('knows what the host has of it, and under which number', async () => {
    const one = await begin();
    const before = one.documents.document();
    expect(one.session.shared()).toEqual({ document: before, sequence: 0 });
    one.set('a', 5);
    one.set('a', 6, { merge: 'a' });
    expect(one.session.shared()).toEqual({ document: before, sequence: 0 });
    unwrap(await one.session.settle());
    expect(one.session.shared()).toEqual({ document: one.documents.document(), sequence: 2 });
    unwrap(one.documents.mark());
    one.set('a', 7);
    expect(one.session.shared()).toBeUndefined();
    unwrap(one.documents.squash('Gesture'));
    unwrap(await one.session.settle());
    expect(one.session.shared()).toEqual({ document: one.documents.document(), sequence: 3 });
  });

  it('a gesture is one step for everybody, and one that was given up never happened', async () => {
    const one = await begin();
    unwrap(one.documents.mark());
    one.set('a', 5);
    one.set('b', 6);
    unwrap(await one.session.settle());
    expect((await join2(one)).value('a')).toBe(1);
    unwrap(one.documents.squash('Drag'));
    await same(one);
    expect(undoLabels(one)).toEqual(['Drag']);
    unwrap(one.documents.mark());
    one.set('a', 9);
    unwrap(one.documents.bail());
    await same(one);
    expect(one.value('a')).toBe(5);
    unwrap(one.documents.undo());
    await same(one);
    expect([one.value('a'), one.value('b')]).toEqual([1, 2]);
  });

  it('saves: what the file holds, and whether there is more', async () => {
    const one = await begin();
    expect(one.session.state.getState().isDirty).toBe(false);
    one.set('a', 5);
    const target = { kind: 'folder', folder: host.allowed, name: 'mine' } as const;
    const saved = unwrap(await one.session.saveAs(target));
    expect(saved.path).toBe(join(host.allowed, 'mine.emulsion.json'));
    expect(await readFile(saved.path ?? '', 'utf8')).toBe(one.text());
    expect(one.session.state.getState()).toMatchObject({ isDirty: false, document: { title: 'mine' } });
    one.set('a', 6);
    expect(one.session.state.getState().isDirty).toBe(true);
    unwrap(one.documents.undo());
    expect(one.session.state.getState().isDirty).toBe(false);
    unwrap(one.documents.redo());
    unwrap(await one.session.save());
    expect(await readFile(saved.path ?? '', 'utf8')).toBe(one.text());
    const again = await one.session.saveAs(target);
    expect(again.ok || again.problem.code).toBe(true);
    expect((await one.session.rename('Other')).ok).toBe(true);
    expect(one.session.state.getState().document.title).toBe('Other');
  });
});

describe('two windows', () => {
  it('see each other, and share one history', async () => {
    const one = await begin();
    const two = await join2(one);
    one.set('a', 5);
    await expect.poll(() => two.value('a'), SOON).toBe(5);
    two.set('b', 6);
    await expect.poll(() => one.value('b'), SOON).toBe(6);
    unwrap(one.documents.undo());
    await same(one, two);
    expect([one.value('a'), one.value('b')]).toEqual([5, 2]);
    unwrap(await two.session.saveAs({ kind: 'folder', folder: host.allowed, name: 'both' }));
    await expect.poll(() => one.session.state.getState(), SOON).toMatchObject({ isDirty: false, document: { title: 'both' } });
  });

  it('edits at once: all of them, in one order', async () => {
    const one = await begin();
    const two = await join2(one);
    for (let at = 0; at < 40; at++) {
      one.set('a', 100 + at);
      two.set('b', 200 + at);
      if (at % 5 === 0) await Promise.resolve();
    }
    await same(one, two);
    expect([one.value('a'), one.value('b')]).toEqual([139, 239]);
    expect(undoLabels(one)).toHaveLength(80);
    expect([...one.sentences, ...two.sentences]).toEqual([]);
  });

  it('one removes what the other is changing: a sentence, and both go on', async () => {
    const one = await begin();
    const two = await join2(one);
    one.act('Remove a', (draft) => removeNodes(draft, { nodes: [nodeId('a')] }));
    two.set('a', 9);
    two.set('b', 8);
    await same(one, two);
    const lost = [...one.sentences, ...two.sentences];
    expect(one.value('b')).toBe(8);
    // Whoever came first is right: either the node has gone and the edit of it is told, or it was edited and has gone since.
    expect(one.documents.document().nodes[nodeId('a')]).toBeUndefined();
    expect(lost.length).toBeLessThanOrEqual(1);
  });

  it('an undo never takes back a step of the other window', async () => {
    const one = await begin();
    const two = await join2(one);
    two.set('b', 3);
    await same(one, two);
    one.lose();
    two.set('b', 4);
    unwrap(await two.session.settle());
    unwrap(one.documents.undo());
    expect(one.value('b')).toBe(2);
    one.find();
    await expect.poll(() => one.value('b'), SOON).toBe(4);
    await same(one, two);
    expect(one.sentences.join(' ')).toContain('“Undo” no longer fits');
  });

  it('what both add under one name: nobody’s is replaced, no wire is loose', async () => {
    const one = await begin();
    const two = await join2(one);
    one.lose();
    for (const [window, value] of [
      [one, 11],
      [two, 22],
    ] as const) {
      const { ids } = window.documents;
      window.act(`Add ${value}`, (draft) => {
        const added = addNode(draft, { registry, ids, type: 'test.number', params: { value } });
        const sum = addNode(draft, { registry, ids, type: 'test.add' });
        if (!added.ok || !sum.ok) return added;
        return connect(draft, { registry, ids, from: { node: added.value, output: 'number' }, to: { node: sum.value, input: 'a' } });
      });
      if (window === two) unwrap(await two.session.settle());
    }
    one.find();
    await expect.poll(() => one.sentences.length, SOON).toBe(1);
    await same(one, two);
    expect(Object.values(one.documents.document().nodes).map(({ params }) => params['value'])).toContain(22);
  });
});

describe('a lost connection', () => {
  it('edits made meanwhile are sent when it is back, those of others are seen', async () => {
    const one = await begin();
    const two = await join2(one);
    one.set('a', 4);
    unwrap(await one.session.settle());
    one.lose();
    one.set('a', 5);
    await expect.poll(() => one.session.state.getState().safety, SOON).toBe('waiting');
    two.set('b', 7);
    unwrap(await two.session.settle());
    one.set('a', 6);
    one.find();
    await expect.poll(() => two.value('a'), SOON).toBe(6);
    await same(one, two);
    expect([one.value('a'), one.value('b')]).toEqual([6, 7]);
    expect(one.sentences).toEqual([]);
  });

  it('the answer is lost: nothing is there twice, with and without others', async () => {
    const one = await begin();
    const two = await join2(one);
    for (const hasOther of [false, true]) {
      one.set('a', hasOther ? 50 : 40);
      one.set('b', hasOther ? 51 : 41);
      beforeWindows = (event) => {
        if (event.name === 'document.changed' && event.payload.client === 'one') one.lose();
      };
      await expect.poll(() => two.value('b'), SOON).toBe(hasOther ? 51 : 41);
      beforeWindows = () => undefined;
      if (hasOther) two.set('a', 99);
      unwrap(await two.session.settle());
      one.set('b', 60);
      one.find();
      await expect.poll(() => two.value('b'), SOON).toBe(60);
      await same(one, two);
    }
    expect(undoLabels(one)).toEqual([
      'Set a to 40',
      'Set b to 41',
      'Set b to 60',
      'Set a to 50',
      'Set b to 51',
      'Set a to 99',
      'Set b to 60',
    ]);
  });

  it('a host that was started anew over the same folder goes on where it was', async () => {
    const one = await begin();
    one.set('a', 5);
    unwrap(await one.session.settle());
    one.lose();
    one.set('a', 6);
    await host.restart();
    one.find();
    await expect.poll(() => one.session.state.getState().safety, SOON).toBe('kept');
    unwrap(one.documents.undo());
    await same(one);
    expect(undoLabels(one)).toEqual(['Set a to 5']);
  });

  it('a page that is loaded anew meanwhile still has its edits, undone ones too, beside those of others', async () => {
    const one = await begin();
    one.set('a', 4);
    unwrap(await one.session.settle());
    const two = await join2(one);
    for (const hasOther of [false, true]) {
      one.lose();
      one.set('a', hasOther ? 50 : 5);
      one.set('b', 6);
      if (!hasOther) unwrap(one.documents.undo());
      await expect.poll(() => one.session.state.getState().safety, SOON).toBe('waiting');
      if (hasOther) two.set('b', 99);
      unwrap(await two.session.settle());
      one.client.close();
      const again = await join2(two, 'one');
      expect(again.value('a')).toBe(hasOther ? 50 : 5);
      await same(again, two);
      expect(undoLabels(two).at(-1)).toBe(hasOther ? 'Set b to 6' : 'Set a to 5');
      expect(shelves.size).toBe(0);
      one.find();
      if (hasOther) break;
      // The new window takes the old one's part.
      Object.assign(one, again);
    }
  });

  it('a page that is loaded anew while its edits are on their way has them all, and none twice', async () => {
    const one = await begin();
    one.set('a', 4);
    unwrap(await one.session.settle());
    const two = await join2(one);
    one.set('a', 5);
    // The first is under way by now, the second waits for its answer.
    await Promise.resolve();
    one.set('b', 6);
    one.session.leave();
    // Of a page that is gone, nothing runs any more: it has to be there at once.
    expect([...shelves.values()].map(({ lines }) => lines.includes('Set b to 6'))).toEqual([true]);
    one.client.close();
    const again = await join2(two, 'one');
    expect([again.value('a'), again.value('b')]).toEqual([5, 6]);
    await same(again, two);
    const labels = undoLabels(two);
    expect(['Set a to 5', 'Set b to 6'].map((label) => labels.filter((one) => one === label).length)).toEqual([1, 1]);
    unwrap(await again.session.settle());
    again.session.leave();
    expect(shelves.size).toBe(0);
  });

  it('a host that has forgotten the document gets it again', async () => {
    const one = await begin();
    one.set('a', 5);
    unwrap(await one.session.settle());
    const { id } = one.session.state.getState().document;
    one.lose();
    const other = await host.connect();
    unwrap(await other.call('document.close', { id, client: 'one', keep: false }));
    one.set('a', 6);
    one.find();
    await expect.poll(() => one.session.state.getState().document.id, SOON).not.toBe(id);
    await same(one);
    expect(one.value('a')).toBe(6);
    expect(one.sentences).toHaveLength(1);
  });
});

it.each([7, 8, 9])(
  'many windows do many things at once, and lose their connections: all end with the same (%i)',
  { timeout: 60_000 },
  async (first) => {
    const one = await begin();
    const those = [one, await join2(one, 'w2'), await join2(one, 'w3')];
    let seed = first;
    const next = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    for (let at = 0; at < 240; at++) {
      const window = those[next(3)]!;
      const { documents } = window;
      const nodes = Object.keys(documents.document().nodes);
      const node = nodes[next(nodes.length)];
      const kind = next(12);
      if (kind === 0) documents.undo();
      else if (kind === 1) documents.redo();
      else if (kind === 2) window.act('Add', (draft) => addNode(draft, { registry, ids: documents.ids, type: 'test.number' }));
      else if (kind === 3 && nodes.length > 2 && node !== undefined)
        window.act('Remove', (draft) => removeNodes(draft, { nodes: [nodeId(node)] }));
      else if (kind === 4 && documents.state.getState().edit.gesture === undefined) documents.mark();
      else if (kind === 5 && documents.state.getState().edit.gesture !== undefined) documents.squash('Gesture');
      else if (kind === 6 && documents.state.getState().edit.gesture !== undefined) documents.bail();
      else if (kind === 7 && next(4) === 0) {
        window.lose();
        setTimeout(window.find, next(300));
      } else if (node !== undefined && documents.document().nodes[nodeId(node)]?.type === 'test.number') {
        window.set(node, next(1000), next(2) === 0 ? { merge: node } : 'record');
      }
      if (next(3) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const window of those) if (window.documents.state.getState().edit.gesture !== undefined) window.documents.bail();
    for (const window of those) window.find();
    for (const window of those) {
      await expect.poll(async () => (await window.session.settle()).ok, { timeout: 10_000, interval: 100 }).toBe(true);
    }
    await same(...those);
  },
);
