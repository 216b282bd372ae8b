import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../graphs/history.ts';
import { writeJournalLine } from '../graphs/journal.ts';
import { writeGraph } from '../graphs/write-graph.ts';
import { GRAPHS, openTestService, type TestService, type WatchingClient } from '../test/e2e/open-service.ts';
import { makeDocument } from '../test/e2e/open-test-host.ts';
import { unwrap } from '../test/unwrap.ts';

let test: TestService;
let client: WatchingClient;
beforeAll(async () => {
  test = await openTestService();
  client = await test.connect('in-memory');
});
afterAll(() => test.close());

/** Runs a graph to its end. */
async function run(graph: string, more: { settings?: string[]; targets?: string[] } = {}) {
  const { runId, problems } = unwrap(await client.call('run.start', { graph, ...more }));
  const ended = await client.next('run.ended', (event) => event.runId === runId);
  return { runId, problems, ended };
}

describe('what is there', () => {
  it('nodes.list gives nodes as data', async () => {
    const { nodes } = unwrap(await client.call('nodes.list', {}));
    const steps = nodes.find((one) => one.id === 'test.steps');
    expect(steps).toMatchObject({ title: 'Steps', params: { count: { kind: 'int', default: 3 } }, effects: [] });
    expect(steps).not.toHaveProperty('evaluate');
    expect(nodes.find((one) => one.id === 'test.save')?.effects).toEqual(['writesFile']);
  });

  it('templates.list gives them with their text', async () => {
    const path = join(test.test.folder, 'templates', 'quick.json');
    await writeFile(path, writeGraph({ ...makeDocument({ a: ['test.number'] }), meta: { title: 'Quick', description: 'One number.' } }));
    const { templates } = unwrap(await client.call('templates.list', {}));
    expect(templates).toMatchObject([{ name: 'quick', title: 'Quick', description: 'One number.' }]);
    expect((await run(templates[0]!.graph)).ended.outcome).toBe('done');
  });

  it('models.list and schedulers.list', async () => {
    expect(unwrap(await client.call('models.list', {}))).toEqual({ models: [], problems: [] });
    expect(unwrap(await client.call('schedulers.list', {})).schedulers.length).toBeGreaterThan(5);
  });

  it('cache.show and cache.clear', async () => {
    await run(writeGraph(makeDocument({ p: ['test.picture', { size: 64, slowMs: 50 }] })));
    // The evaluator writes after it has answered.
    await expect.poll(async () => unwrap(await client.call('cache.show', {})).entries, { timeout: 5000 }).toBeGreaterThan(0);
    const shown = unwrap(await client.call('cache.show', {}));
    expect(shown.folder).toBe(join(test.test.folder, 'cache'));
    expect(unwrap(await client.call('cache.clear', {}))).toEqual({ entries: shown.entries, bytes: shown.bytes });
    expect(unwrap(await client.call('cache.show', {}))).toMatchObject({ entries: 0, bytes: 0 });
  });
});

describe('graph.check', () => {
  it('says everything once, of files too', async () => {
    const graph = writeGraph(
      makeDocument({ load: ['test.load', { file: 'gone.png' }], add: ['test.add'], p: ['test.picture', { size: 0 }] }),
    );
    const { problems } = unwrap(await client.call('graph.check', { graph }));
    expect(problems.map((one) => `${one.nodeId} ${one.code}`).sort()).toEqual([
      'add graph.missingInput',
      'load file.missing',
      'p graph.invalidParam',
    ]);
    expect(new Set(problems.map((one) => one.message)).size).toBe(3);
  });

  it('of a text that is no graph: one sentence', async () => {
    for (const graph of ['', '[]', '{', '{"format":"other"}']) {
      const { problems } = unwrap(await client.call('graph.check', { graph }));
      expect(problems).toHaveLength(1);
      expect(problems[0]?.code).toBe('graph.damaged');
    }
  });
});

describe('run.start', () => {
  it('answers with what reading left out, and goes on without', async () => {
    const graph = writeGraph(makeDocument({ work: ['test.steps'] }, ['ghost.number > work.number']));
    const { problems, ended } = await run(graph);
    expect(problems).toMatchObject([{ code: 'graph.danglingEdge' }]);
    expect(ended.outcome).toBe('done');
  });

  it('applies settings, and refuses those that fit nothing', async () => {
    const document = makeDocument({ p: ['test.picture', { size: 4 }], show: ['test.show'] }, ['p.image > show.image']);
    const { runId } = await run(writeGraph(document), { settings: ['p.size=6'] });
    const shown = await client.next('run.result', (event) => event.runId === runId);
    expect(shown.artifacts).toMatchObject([{ mime: 'image/png', widthPx: 6, heightPx: 6 }]);
    const refused = await client.call('run.start', { graph: GRAPHS.quick, settings: ['work.cuont=2'] });
    expect(refused).toMatchObject({ ok: false, problem: { code: 'graph.unknownParam', message: expect.stringMatching(/count/) } });
    expect(await client.call('run.start', { graph: 'no graph' })).toMatchObject({ ok: false, problem: { code: 'graph.damaged' } });
  });

  it('ends with a sentence when a target is no node', async () => {
    const { ended } = await run(GRAPHS.quick, { targets: ['ghost'] });
    expect(ended).toMatchObject({ outcome: 'failed', problems: [{ code: 'graph.noSuchNode' }] });
  });

  it('tells late comers states and results', async () => {
    const { runId } = await run(GRAPHS.picture);
    const late = await test.connect('in-memory');
    const { states, results, ended } = unwrap(await late.call('run.states', { runId }));
    expect(states).toMatchObject({ save: { kind: 'done' }, show: { kind: 'done' } });
    expect(results).toMatchObject({ save: [{ mime: 'image/png' }], show: [{ mime: 'image/png', widthPx: 4 }] });
    expect(ended).toEqual({ outcome: 'done', problems: [] });
    expect(unwrap(await late.call('artifact.read', { id: results['show']![0]!.id })).bytes.length).toBeGreaterThan(50);
    late.close();
  });

  it('keeps the node’s sentence of a failure', async () => {
    const { runId, ended } = await run(writeGraph(makeDocument({ bad: ['test.trouble', { kind: 'throw' }] })));
    expect(ended.problems).toMatchObject([{ code: 'node.threw', nodeId: 'bad' }]);
    expect(unwrap(await client.call('run.states', { runId }))).toMatchObject({
      states: { bad: { kind: 'failed' } },
      ended: { outcome: 'failed', problems: [{ code: 'node.threw' }] },
    });
  });
});

describe('what a client may not', () => {
  let outside: string;
  beforeAll(async () => {
    outside = await mkdtemp(join(tmpdir(), 'emulsion-outside-'));
    await writeFile(join(outside, 'secret.png'), 'secret');
    await mkdir(join(test.test.folder, 'inner'), { recursive: true });
    await symlink(outside, join(test.test.folder, 'inner', 'link'));
  });
  afterAll(() => rm(outside, { recursive: true }));

  it.each(['/etc/passwd', '../../../../etc/passwd', 'inner/link/secret.png', 'inner/../../../../../../etc/passwd', '~/.ssh/id_rsa'])(
    'reads no file outside the folders: %s',
    async (file) => {
      const graph = writeGraph(makeDocument({ load: ['test.load', { file }] }));
      const { ended } = await run(graph);
      expect(ended.outcome).toBe('failed');
      expect(['file.outside', 'file.missing']).toContain(ended.problems[0]?.code);
    },
  );

  it('is not trusted with paths in its settings either', async () => {
    const graph = writeGraph(makeDocument({ load: ['test.load'] }));
    const { ended } = await run(graph, { settings: [`load.file=${join(outside, 'secret.png')}`] });
    expect(ended.problems[0]?.code).toBe('file.outside');
  });

  it('learns nothing about files outside: those that exist and those that don’t are refused alike', async () => {
    const codes = ['secret.png', 'none.png'].map(async (name) => {
      const graph = writeGraph(makeDocument({ load: ['test.load', { file: join(outside, name) }] }));
      return unwrap(await client.call('graph.check', { graph })).problems.map((one) => one.code);
    });
    expect(await Promise.all(codes)).toEqual([['file.outside'], ['file.outside']]);
  });

  it('writes nothing outside the folder for pictures', async () => {
    const document = makeDocument({ p: ['test.picture'], save: ['test.save', { name: '../../../tmp/escaped' }] }, ['p.image > save.image']);
    const { runId } = await run(writeGraph(document));
    const { artifacts } = await client.next('run.result', (event) => event.runId === runId);
    expect(artifacts[0]?.name).toMatch(/^[^/]+\.png$/);
  });

  it('names no artifact and no run that it was not told of', async () => {
    for (const id of ['', '0', '__proto__', '../x', 'A'.repeat(22)]) {
      expect(await client.call('artifact.read', { id })).toMatchObject({ ok: false, problem: { code: 'file.missing' } });
      expect(await client.call('run.states', { runId: id })).toMatchObject({ ok: false, problem: { code: 'run.unknown' } });
      expect(await client.call('run.cancel', { runId: id })).toMatchObject({ ok: false, problem: { code: 'run.unknown' } });
      expect(await client.call('run.stop', { runId: id })).toMatchObject({ ok: false, problem: { code: 'run.unknown' } });
    }
  });
});

describe('ending a run', () => {
  it.each(['run.cancel', 'run.stop'] as const)('%s ends one that does not listen, and the next one runs', async (call) => {
    const { runId } = unwrap(await client.call('run.start', { graph: GRAPHS.stubborn, useCache: false }));
    await client.next('run.progress', (event) => event.runId === runId);
    const askedMs = performance.now();
    unwrap(await client.call(call, { runId }));
    expect(await client.next('run.ended', (event) => event.runId === runId)).toMatchObject({ outcome: 'cancelled', problems: [] });
    expect(performance.now() - askedMs).toBeLessThan(1000);
    expect((await run(GRAPHS.quick)).ended.outcome).toBe('done');
  });

  it('closing the service ends what goes on', async () => {
    const own = await openTestService();
    const watcher = await own.connect('in-memory');
    const { runId } = unwrap(await watcher.call('run.start', { graph: GRAPHS.stubborn, useCache: false }));
    await watcher.next('run.progress', (event) => event.runId === runId);
    await own.service.close();
    expect(own.test.host.evaluatorPid).toBeUndefined();
    await own.server.close();
    await own.test.close();
  });
});

describe('graph.inferChanges', () => {
  const withCount = (count: number): string => writeGraph(makeDocument({ a: ['test.number'], work: ['test.steps', { count }] }));

  it('tells all at first, then what differs from the answer named', async () => {
    const all = unwrap(await client.call('graph.infer', { graph: withCount(2) }));
    const first = unwrap(await client.call('graph.inferChanges', { graph: withCount(2), since: null }));
    expect(first).toMatchObject({ since: null, outputs: all.outputs, keys: all.keys, problems: null });
    const next = unwrap(await client.call('graph.inferChanges', { graph: withCount(3), since: first.answer }));
    const { keys } = unwrap(await client.call('graph.infer', { graph: withCount(3) }));
    expect(next).toEqual({
      sequence: null,
      answer: next.answer,
      since: first.answer,
      outputs: {},
      inputs: {},
      keys: { work: keys['work'] },
      cached: {},
      muted: {},
      problems: null,
    });
  });

  it('tells all where the answer named is none of this host', async () => {
    const told = unwrap(await client.call('graph.inferChanges', { graph: withCount(2), since: 'of a host before' }));
    expect(told).toMatchObject({ since: null, keys: { a: expect.any(String), work: expect.any(String) } });
  });

  it('of the open document itself: with all that was sent before, even if it is not answered yet', async () => {
    const { document } = unwrap(await client.call('document.create', { client: 'w', graph: withCount(2) }));
    const { id } = document;
    const first = unwrap(await client.call('graph.inferChanges', { document: id, since: null }));
    const sent = unwrap(await client.call('graph.infer', { graph: withCount(2) }));
    expect(first).toMatchObject({ sequence: 0, since: null, outputs: sent.outputs, keys: sent.keys, problems: null });
    const path = ['nodes', 'work', 'params', 'count'];
    const entry: JournalEntry = {
      kind: 'commit',
      into: 'new',
      label: 'Change count to 3',
      patches: [{ op: 'replace', path, value: 3 }],
      inverse: [{ op: 'replace', path, value: 2 }],
    };
    const appended = client.call('document.append', { id, client: 'w', after: 0, lines: writeJournalLine(entry) });
    const next = unwrap(await client.call('graph.inferChanges', { document: id, since: first.answer }));
    const { keys } = unwrap(await client.call('graph.infer', { graph: withCount(3) }));
    expect(next).toMatchObject({ sequence: 1, since: first.answer, keys: { work: keys['work'] } });
    expect(await appended).toMatchObject({ ok: true, value: { outcome: 'added' } });
    unwrap(await client.call('document.close', { id, client: 'w', keep: false }));
    const gone = await client.call('graph.inferChanges', { document: id, since: next.answer });
    expect(gone).toMatchObject({ ok: false, problem: { code: 'file.missing' } });
  });
});
