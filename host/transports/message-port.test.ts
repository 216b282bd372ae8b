import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRAPHS, openTestService, type TestService } from '../../test/e2e/open-service.ts';
import { unwrap } from '../../test/unwrap.ts';
import type { ContractService, NamedEvent } from '../contract.ts';
import { createWindowPresence } from '../documents/window-presence.ts';
import { connectMessagePort, type MainPort, type PagePort, serveMessagePort } from './message-port.ts';

let test: TestService;
beforeAll(async () => {
  test = await openTestService();
});
afterAll(() => test.close());

/** Node's own ports clone as Electron's do; one end is given Electron's way of listening. */
function asMainPort(port: MessagePort, sent: unknown[] = []): MainPort {
  return {
    postMessage(...args: unknown[]) {
      sent.push(args[0]);
      expect(args).toHaveLength(1); // never a transfer list
      port.postMessage(args[0]);
    },
    start: () => port.start(),
    close: () => port.close(),
    on(type: string, listener: (event: { readonly data: unknown }) => void) {
      port.on(type as 'message', (data: unknown) => listener({ data })); // `close` takes no notice of the argument
    },
  };
}

/** Node's listeners are given an event with `data` as a page's are; its types know only Event. */
const asPagePort = (port: MessagePort): PagePort => port as unknown as PagePort;

/** A service that says what it is told to, and says nothing by itself. */
function createSpeaker(): ContractService & { say(event: NamedEvent): void; listeners(): number } {
  const listeners = new Set<(event: NamedEvent) => void>();
  return {
    handlers: test.service.handlers,
    presence: createWindowPresence(0, () => undefined),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    say(event) {
      for (const listener of listeners) listener(event);
    },
    listeners: () => listeners.size,
  };
}

const preview = (at: number, bytes: Uint8Array = new Uint8Array(4)): NamedEvent => ({
  name: 'run.preview',
  payload: { runId: 'r', nodeId: 'n', mime: 'image/webp', widthPx: at, heightPx: 1, bytes },
});

describe('a client over a message port', () => {
  it('runs a graph, sees its previews and reads its pictures', async () => {
    const { port1, port2 } = new MessageChannel();
    serveMessagePort(asMainPort(port1), test.service, (bug) => test.bugs.push(bug));
    const client = connectMessagePort(asPagePort(port2));
    const seen: string[] = [];
    client.on('run.preview', ({ bytes }) => seen.push(`${bytes instanceof Uint8Array && bytes.length > 40}`));
    const result = new Promise<string>((resolve) => client.on('run.result', ({ artifacts }) => resolve(artifacts[0]!.id)));
    const ended = new Promise<string>((resolve) => client.on('run.ended', ({ outcome }) => resolve(outcome)));
    unwrap(await client.call('run.start', { graph: GRAPHS.quick, useCache: false }));
    expect(await ended).toBe('done');
    expect(new Set(seen)).toEqual(new Set(['true']));
    unwrap(await client.call('run.start', { graph: GRAPHS.picture }));
    const { bytes } = unwrap(await client.call('artifact.read', { id: await result }));
    expect([...bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    client.close();
  });

  it('has calls under way answered when the other side goes', async () => {
    const { port1, port2 } = new MessageChannel();
    const stuck = { ...createSpeaker(), handlers: { ...test.service.handlers, 'nodes.list': () => new Promise<never>(() => undefined) } };
    serveMessagePort(asMainPort(port1), stuck, () => undefined);
    const client = connectMessagePort(asPagePort(port2));
    const underWay = client.call('nodes.list', {});
    unwrap(await client.call('cache.show', {}));
    port1.close();
    expect(await underWay).toMatchObject({ ok: false, problem: { code: 'contract.closed' } });
    expect(await client.call('nodes.list', {})).toMatchObject({ ok: false, problem: { code: 'contract.closed' } });
  });

  it('that goes is told nothing any more', async () => {
    const { port1, port2 } = new MessageChannel();
    const speaker = createSpeaker();
    const sent: unknown[] = [];
    serveMessagePort(asMainPort(port1, sent), speaker, () => undefined);
    const gone = new Promise((resolve) => port1.once('close', resolve));
    connectMessagePort(asPagePort(port2)).close();
    await gone;
    speaker.say(preview(1));
    expect([sent, speaker.listeners()]).toEqual([[], 0]);
  });

  it.each<[string, unknown]>([
    ['text', 'hello'],
    ['no call', { message: { kind: 'call' } }],
    ['a number of things seen that is none', { seen: -1 }],
  ])('that does not speak the contract is hung up on: %s', async (_case, data) => {
    const { port1, port2 } = new MessageChannel();
    serveMessagePort(asMainPort(port1), createSpeaker(), () => undefined);
    const closed = new Promise((resolve) => port2.once('close', resolve));
    port2.postMessage(data);
    await closed;
  });

  it('that is slow gets fewer pieces of work in progress, and everything else', async () => {
    const { port1, port2 } = new MessageChannel();
    const speaker = createSpeaker();
    serveMessagePort(asMainPort(port1), speaker, () => undefined);
    for (let at = 0; at < 100; at += 1) speaker.say(preview(at));
    speaker.say({ name: 'queue.changed', payload: {} });
    const client = connectMessagePort(asPagePort(port2));
    const widths: number[] = [];
    client.on('run.preview', ({ widthPx }) => widths.push(widthPx));
    await new Promise<void>((resolve) => client.on('queue.changed', () => resolve()));
    expect(widths).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    // It has caught up: what happens now, it is told.
    unwrap(await client.call('cache.show', {}));
    speaker.say(preview(100));
    speaker.say({ name: 'queue.changed', payload: {} });
    await new Promise<void>((resolve) => client.on('queue.changed', () => resolve()));
    expect(widths.at(-1)).toBe(100);
    client.close();
  });

  it('gets the bytes it is meant to get, and not the memory around them', async () => {
    const { port1, port2 } = new MessageChannel();
    const speaker = createSpeaker();
    serveMessagePort(asMainPort(port1), speaker, () => undefined);
    const client = connectMessagePort(asPagePort(port2));
    const got = new Promise<Uint8Array>((resolve) => client.on('run.preview', ({ bytes }) => resolve(bytes)));
    const pool = new Uint8Array(65_536).fill(7);
    speaker.say(preview(1, pool.subarray(100, 104)));
    expect((await got).buffer.byteLength).toBe(4);
    client.close();
  });
});
