import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { GRAPHS, openTestService, type TestService } from '../../test/e2e/open-service.ts';
import { unwrap } from '../../test/unwrap.ts';
import type { ContractService } from '../contract.ts';
import { encodeFrame } from './frame.ts';
import { connectInMemory } from './in-memory.ts';

let test: TestService;
beforeAll(async () => {
  test = await openTestService();
});
afterAll(() => test.close());

describe.each(['in-memory', 'web-socket'] as const)('a client over %s', (transport) => {
  it('calls, and is told what happens, previews with their bytes', async () => {
    const client = await test.connect(transport);
    const { runId } = unwrap(await client.call('run.start', { graph: GRAPHS.quick, useCache: false }));
    const ended = await client.next('run.ended', (event) => event.runId === runId);
    expect(ended).toMatchObject({ outcome: 'done', problems: [] });
    const mine = client.events.filter(({ payload }) => 'runId' in payload && payload.runId === runId);
    expect(mine.map((event) => event.name)).toContain('run.progress');
    const preview = await client.next('run.preview', (event) => event.runId === runId);
    expect(preview.bytes).toBeInstanceOf(Uint8Array);
    expect(preview.bytes.length).toBeGreaterThan(40);
    client.close();
  });

  it('gets pictures as they are', async () => {
    const client = await test.connect(transport);
    const { runId } = unwrap(await client.call('run.start', { graph: GRAPHS.picture }));
    await client.next('run.ended', (event) => event.runId === runId);
    const shown = await client.next('run.result', (event) => event.runId === runId && event.nodeId === 'show');
    const { mime, bytes } = unwrap(await client.call('artifact.read', { id: shown.artifacts[0]!.id }));
    expect(mime).toBe('image/png');
    expect([...bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    client.close();
  });

  it('gets a sentence for arguments that are wrong', async () => {
    const client = await test.connect(transport);
    const wrong = await client.call('run.start', { graph: 7 } as never); // not what the type allows
    expect(wrong).toMatchObject({ ok: false, problem: { code: 'contract.invalid' } });
    expect(wrong.ok ? '' : wrong.problem.message).toMatch(/^The call run\.start is not as the contract has it: graph: /);
    const missing = await client.call('artifact.read', undefined as never); // as above
    expect(missing).toMatchObject({ ok: false, problem: { code: 'contract.invalid' } });
    client.close();
  });

  it.each(['constructor', '__proto__', 'toString', 'fs.read'])('can’t call what is no call: %s', async (name) => {
    const client = await test.connect(transport);
    const answer = await client.call(name as 'nodes.list', {}); // a name from outside
    expect(answer).toMatchObject({ ok: false, problem: { code: 'contract.unknownCall' } });
    client.close();
  });

  it('has every call answered, also those under way when it closes', async () => {
    const client = await test.connect(transport);
    const underWay = client.call('nodes.list', {});
    client.close();
    expect(await underWay).toMatchObject({ ok: false, problem: { code: 'contract.closed' } });
    expect(await client.call('nodes.list', {})).toMatchObject({ ok: false, problem: { code: 'contract.closed' } });
  });

  it('may have 64 calls under way, and is told when it has more', async () => {
    const client = await test.connect(transport);
    const answers = await Promise.all(Array.from({ length: 100 }, () => client.call('cache.show', {})));
    const refused = answers.filter((one) => !one.ok);
    expect(refused).toHaveLength(36);
    expect(refused[0]).toMatchObject({ problem: { code: 'contract.refused' } });
    expect(await client.call('cache.show', {})).toMatchObject({ ok: true });
    client.close();
  });

  it('sees the run of another, which goes on when that one vanishes', async () => {
    const [first, second] = await Promise.all([test.connect(transport), test.connect(transport)]);
    const { runId } = unwrap(await first.call('run.start', { graph: GRAPHS.long, useCache: false }));
    const isIt = (event: { runId: string }): boolean => event.runId === runId;
    await Promise.all([first.next('run.progress', isIt), second.next('run.progress', isIt)]);
    first.close();
    const seen = second.events.filter((event) => event.name === 'run.progress').length;
    await second.next('run.progress', (event) => isIt(event) && event.done > seen);
    const late = await test.connect(transport);
    expect(unwrap(await late.call('run.states', { runId }))).toMatchObject({ states: { work: { kind: 'running' } }, ended: null });
    unwrap(await late.call('run.cancel', { runId }));
    expect(await second.next('run.ended', isIt)).toMatchObject({ outcome: 'cancelled' });
    expect(unwrap(await late.call('run.states', { runId }))).toMatchObject({ ended: { outcome: 'cancelled', problems: [] } });
    second.close();
    late.close();
  });
});

describe('a fault inside a call', () => {
  it('is reported, answered with a sentence, and takes nothing else with it', async () => {
    const broken: ContractService = {
      ...test.service,
      handlers: {
        ...test.service.handlers,
        'nodes.list': () => Promise.reject(new TypeError('reading a field of nothing')),
        'cache.show': async () => ({ ok: true, value: { folder: 7 } }) as never, // what a version apart would say
      },
    };
    const bugs: unknown[] = [];
    const client = connectInMemory(broken, (bug) => bugs.push(bug));
    expect(await client.call('nodes.list', {})).toMatchObject({
      ok: false,
      problem: { message: expect.stringMatching(/nodes\.list stopped/) },
    });
    expect(bugs).toEqual([new TypeError('reading a field of nothing')]);
    expect(await client.call('cache.show', {})).toMatchObject({ ok: false, problem: { code: 'contract.invalid' } });
    expect(await client.call('templates.list', {})).toMatchObject({ ok: true });
    client.close();
  });
});

describe('a socket that does not speak the contract', () => {
  /** Sends something, and resolves when the host has hung up. */
  const hangsUpOn = async (send: (socket: WebSocket) => void): Promise<void> => {
    const socket = await test.openSocket();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    send(socket);
    await closed;
  };

  it.each<[string, string | Uint8Array]>([
    ['text that is no JSON', 'hello'],
    ['JSON of another shape', '{"kind":"call"}'],
    ['an answer', JSON.stringify({ kind: 'answer', id: 1, result: {} })],
    ['bytes that are no frame', randomBytes(64)],
    ['an empty frame', new Uint8Array(0)],
    ['a frame without a call', encodeFrame({ bytes: new Uint8Array(8) })],
  ])('is hung up on: %s', async (_case, data) => {
    await hangsUpOn((socket) => socket.send(data));
  });

  it('is hung up on when it sends more than any call takes, and the host lives', async () => {
    await hangsUpOn((socket) => socket.send(new Uint8Array(48 * 2 ** 20 + 1)));
    const client = await test.connect('web-socket');
    expect(await client.call('nodes.list', {})).toMatchObject({ ok: true });
    client.close();
    expect(test.bugs).toEqual([]);
  });

  it('that is cut off in mid-run takes nothing with it', async () => {
    const socket = await test.openSocket();
    const client = await test.connect('web-socket');
    socket.send(JSON.stringify({ kind: 'call', id: 1, name: 'run.start', args: { graph: GRAPHS.long, useCache: false } }));
    const { runId } = await client.next('run.progress');
    socket.terminate();
    unwrap(await client.call('run.cancel', { runId }));
    expect(await client.next('run.ended')).toMatchObject({ runId, outcome: 'cancelled' });
    client.close();
  });
});
