import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GraphDocument } from '../../graphs/document.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import { buildTestEvaluator, makeDocument, openTestHost, type TestHost } from '../../test/e2e/open-test-host.ts';
import { unwrap } from '../../test/unwrap.ts';
import type { EventName, EventPayload, NamedEvent } from '../contract.ts';
import { createService, type HostService } from '../create-service.ts';

let entry: string;
let test: TestHost;
let service: HostService;
let stateFolder: string;
const events: NamedEvent[] = [];

beforeAll(async () => {
  entry = await buildTestEvaluator();
});
beforeEach(async () => {
  stateFolder = mkdtempSync(join(tmpdir(), 'emulsion-runs-'));
  test = await openTestHost(entry);
  service = open();
});
afterEach(async () => {
  await service.close();
  await test.close();
  rmSync(stateFolder, { recursive: true, force: true });
  events.length = 0;
});

function open(): HostService {
  const opened = createService(test.host, {
    policy: test.policy,
    outFolder: join(test.folder, 'out'),
    templatesFolder: test.folder,
    stateFolder,
  });
  opened.subscribe((event) => events.push(event));
  return opened;
}

const QUICK = makeDocument({ a: ['test.steps', { count: 2 }] });
const LONG = makeDocument({ work: ['test.steps', { count: 1000, stepMs: 20 }] });

async function start(document: GraphDocument, title?: string): Promise<string> {
  const started = await service.handlers['run.start']({ graph: writeGraph(document), ...(title === undefined ? {} : { title }) });
  return unwrap(started).runId;
}

/** Resolves with the first event that fits, past ones included. */
async function next<N extends EventName>(name: N, fits: (payload: EventPayload<N>) => boolean): Promise<EventPayload<N>> {
  const match = (event: NamedEvent): EventPayload<N> | undefined =>
    event.name === name && fits(event.payload as EventPayload<N>) ? (event.payload as EventPayload<N>) : undefined; // the name says which
  const past = events.map(match).find((payload) => payload !== undefined);
  if (past !== undefined) return past;
  return new Promise((resolve) => {
    const stop = service.subscribe((event) => {
      const payload = match(event);
      if (payload === undefined) return;
      stop();
      resolve(payload);
    });
  });
}

const list = async () => unwrap(await service.handlers['queue.list']({})).entries.map(({ title, state }) => `${title} ${state}`);
const ended = (runId: string) => next('run.ended', (payload) => payload.runId === runId);

describe('runs through the contract', () => {
  it('wait for each other, and can be cancelled while they wait', async () => {
    const long = await start(LONG, 'long');
    const [first, second] = [await start(QUICK, 'first'), await start(QUICK, 'second')];
    await next('run.progress', ({ runId }) => runId === long);
    expect(await list()).toEqual(['long running', 'first waiting', 'second waiting']);
    unwrap(await service.handlers['run.cancel']({ runId: first }));
    expect(await ended(first)).toMatchObject({ outcome: 'cancelled' });
    unwrap(await service.handlers['run.cancel']({ runId: long }));
    expect(await ended(long)).toMatchObject({ outcome: 'cancelled' });
    expect(await ended(second)).toMatchObject({ outcome: 'done' });
    expect(await list()).toEqual(['long cancelled', 'first cancelled', 'second done']);
    expect(unwrap(await service.handlers['run.states']({ runId: second })).ended?.outcome).toBe('done');
  });

  it('are there again after the host was closed in mid-run, held until somebody says go', async () => {
    const long = await start(LONG, 'long');
    await start(QUICK, 'after');
    await next('run.progress', ({ runId }) => runId === long);
    await service.close();
    events.length = 0;
    service = open();
    expect(await list()).toEqual(['long waiting', 'after waiting']);
    expect(unwrap(await service.handlers['queue.list']({})).isPaused).toBe(true);
    unwrap(await service.handlers['queue.resume']({}));
    await next('run.progress', ({ runId }) => runId === long);
    unwrap(await service.handlers['run.stop']({ runId: long }));
    expect(await ended(long)).toMatchObject({ outcome: 'cancelled' });
  });

  it('that fail are kept with the sentence, and can be tried again', async () => {
    const runId = await start(makeDocument({ bad: ['test.trouble', { kind: 'throw' }] }), 'bad');
    expect((await ended(runId)).problems[0]?.message).toContain('stopped with an error inside');
    const again = unwrap(await service.handlers['queue.retry']({ id: runId })).runId;
    await ended(again);
    expect(await list()).toEqual(['bad failed', 'bad failed']);
    const graph = unwrap(await service.handlers['queue.graph']({ id: again })).graph;
    expect(graph).toContain('test.trouble');
  });
});
