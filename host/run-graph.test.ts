import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeId } from '../graphs/document.ts';
import { buildTestEvaluator, lastStates, makeDocument, openTestHost, type TestHost } from '../test/e2e/open-test-host.ts';
import { launchEvaluator } from './evaluator-process.ts';
import type { RunEvent } from './run-events.ts';
import { type GraphRun, runGraph } from './run-graph.ts';

let entry: string;
let test: TestHost;
beforeAll(async () => {
  entry = await buildTestEvaluator();
  test = await openTestHost(entry);
});
afterAll(() => test.close());

const SUM = makeDocument({ a: ['test.number', { value: 2 }], b: ['test.number', { value: 3 }], add: ['test.add'] }, [
  'a.number > add.a',
  'b.number > add.b',
]);

/** Starts a run and resolves once a node says it is running. */
async function runUntilBusy(host: TestHost, document: typeof SUM, nodeId: string): Promise<{ run: GraphRun; events: RunEvent[] }> {
  const events: RunEvent[] = [];
  return new Promise((resolve) => {
    const run = host.host.run(host.request(document), (event) => {
      events.push(event);
      if (event.kind === 'progress' && event.nodeId === nodeId) resolve({ run, events });
    });
  });
}

const LONG = makeDocument({ work: ['test.steps', { count: 1000, stepMs: 20 }], after: ['test.steps', { count: 1 }] }, [
  'work.number > after.number',
]);
const STUBBORN = makeDocument({ work: ['test.steps', { count: 1000, stepMs: 20, cooperative: false }] });

describe('a run', () => {
  it('tells each node’s states in order and ends once', async () => {
    const { ended, events } = await test.run(SUM);
    expect(ended).toMatchObject({ outcome: 'done', problems: [] });
    const add = events.flatMap((event) => (event.kind === 'state' && event.nodeId === 'add' ? [event.state.kind] : []));
    expect(add).toEqual(['queued', 'running', 'done']);
    expect(events.filter((event) => event.kind === 'ended')).toHaveLength(1);
    expect(events.at(-1)).toBe(ended);
  });

  it('finds in memory what the same evaluator computed before', async () => {
    await test.run(SUM);
    const { events } = await test.run(SUM);
    expect(lastStates(events)).toEqual({ add: 'cached' });
  });

  it('maps a node over a list, and gives all wires of a list input at once', async () => {
    const document = makeDocument(
      { r: ['test.range', { count: 3 }], one: ['test.number', { value: 10 }], add: ['test.add'], sum: ['test.sum'] },
      ['r.numbers > add.a', 'one.number > add.b', 'add.sum > sum.numbers', 'one.number > sum.numbers'],
    );
    const path = join(test.folder, 'sum.safetensors');
    const { ended } = await test.run(document, { dumps: [{ node: 'sum', output: 'sum', path }] });
    expect(ended).toMatchObject({ outcome: 'done', problems: [] });
    expect((await readFile(path)).readFloatLE((await readFile(path)).length - 4)).toBe(11 + 12 + 13 + 10);
  });

  it('does not start beside another', async () => {
    const { run } = await runUntilBusy(test, LONG, 'work');
    const { ended } = await test.run(SUM);
    expect(ended.problems[0]?.code).toBe('run.busy');
    run.cancel();
    expect((await run.ended).outcome).toBe('cancelled');
  });

  it('refuses what is wrong in the graph and runs the rest', async () => {
    const document = makeDocument({ ok: ['test.number'], wrong: ['test.add'], after: ['test.steps'] }, [
      'ok.number > wrong.a',
      'wrong.sum > after.number',
    ]);
    const { ended, events } = await test.run(document, { targets: ['after', 'ok'] });
    expect(ended.outcome).toBe('failed');
    expect(ended.problems.map((one) => one.code)).toEqual(['graph.missingInput']);
    expect(lastStates(events)).toMatchObject({ wrong: 'failed', after: 'skipped' });
    expect(['done', 'cached']).toContain(lastStates(events)['ok']);
  });
});

describe('a muted node', () => {
  const document = makeDocument({ a: ['test.number'], work: ['test.steps', { count: 1 }], sum: ['test.sum'], other: ['test.sum'] }, [
    'a.number > work.number',
    'work.number > sum.numbers',
    'a.number > other.numbers',
  ]);
  const muted = { ...document, nodes: { ...document.nodes, [nodeId('work')]: { ...document.nodes[nodeId('work')]!, mute: true } } };

  it('is skipped with what depends on it, and the run is done', async () => {
    const { ended, events } = await test.run(muted, { useCache: false });
    expect(ended).toMatchObject({ outcome: 'done', problems: [] });
    expect(lastStates(events)).toEqual({ work: 'skipped', sum: 'skipped', a: 'done', other: 'done' });
    expect(events).toContainEqual({
      kind: 'state',
      nodeId: 'sum',
      title: expect.any(String),
      state: { kind: 'skipped', because: 'work', reason: 'muted' },
    });
  });

  it('asked for, is refused', async () => {
    const { ended } = await test.run(muted, { targets: ['work'] });
    expect(ended).toMatchObject({ outcome: 'failed', problems: [{ message: expect.stringMatching(/is muted, so it does not run/) }] });
  });
});

describe('trouble in a node', () => {
  const document = (kind: string) =>
    makeDocument(
      { bad: ['test.trouble', { kind }], after: ['test.steps'], other: ['test.steps', { count: 2, stepMs: 0 }], sum: ['test.sum'] },
      ['bad.number > after.number', 'after.number > sum.numbers'],
    );

  it.each([
    ['throw', 'node.threw', /^Trouble stopped with an error inside: reading a field of nothing\./],
    ['fail', 'model.missing', /no such model/],
    ['native', 'run.outOfMemory', /^Trouble: memory ran out/],
    ['buffer', 'run.outOfMemory', /^Trouble: memory ran out/],
    ['nan', 'node.failed', /its output Number holds values that are not numbers/],
    ['unasked', 'node.threw', /after showing something/],
    ['wrong', 'node.threw', /its output Number must be a number, and is string seven/],
  ])('%s: ends the node with a sentence, and nothing else', async (kind, code, sentence) => {
    const { ended, events } = await test.run(document(kind), { targets: ['sum', 'other'], useCache: false });
    expect(ended.outcome).toBe('failed');
    expect(ended.problems).toHaveLength(1);
    expect(ended.problems[0]).toMatchObject({ code, nodeId: 'bad' });
    expect(ended.problems[0]!.message).toMatch(sentence);
    expect(lastStates(events)).toEqual({ bad: 'failed', after: 'skipped', sum: 'skipped', other: 'done' });
  });

  it.each(['exit', 'reject'])('%s: the process is gone, the run says so, the next run works', async (kind) => {
    const { ended, events } = await test.run(document(kind), { targets: ['sum'] });
    expect(ended.problems[0]).toMatchObject({ code: 'run.evaluatorDied', nodeId: 'bad' });
    expect(ended.problems[0]!.message).toMatch(/while Trouble was running/);
    expect(lastStates(events)).toEqual({ bad: 'failed', after: 'skipped', sum: 'skipped' });
    expect((await test.run(SUM)).ended.outcome).toBe('done');
  });

  it('a native crash: says so without its stack, the next run works', async () => {
    const { ended } = await test.run(document('abort'), { targets: ['sum'] });
    expect(ended.problems[0]).toMatchObject({ code: 'run.evaluatorDied', nodeId: 'bad' });
    expect(ended.problems[0]!.message).toMatch(/^The process that computes crashed while Trouble was running \(signal SIGABRT\)\./);
    expect((await test.run(SUM)).ended.outcome).toBe('done');
  });

  it('what a failed node showed is told within its own run', async () => {
    await test.run(document('unasked'), { targets: ['sum'] });
    const { events } = await test.run(SUM);
    expect(events.filter((event) => event.kind === 'result')).toEqual([]);
  });

  it('memory that ran out in an earlier run does not explain a later death', async () => {
    const own = await openTestHost(entry);
    await own.run(makeDocument({ bad: ['test.trouble', { kind: 'complain' }] }));
    const { run } = await runUntilBusy(own, LONG, 'work');
    process.kill(own.host.evaluatorPid!, 'SIGKILL');
    expect((await run.ended).problems[0]!.message).toMatch(/killed from outside/);
    await own.close();
  });

  it('killed in mid-run: says so, the next run works', async () => {
    const { run } = await runUntilBusy(test, LONG, 'work');
    process.kill(test.host.evaluatorPid!, 'SIGKILL');
    const ended = await run.ended;
    expect(ended.problems[0]).toMatchObject({ code: 'run.evaluatorDied', nodeId: 'work' });
    expect(ended.problems[0]!.message).toMatch(/killed from outside while Steps was running/);
    expect((await test.run(SUM)).ended.outcome).toBe('done');
  });

  it('killed between two runs: the next run works, even before anybody knows', async () => {
    await test.run(SUM);
    for (let time = 0; time < 3; time++) {
      process.kill(test.host.evaluatorPid!, 'SIGKILL');
      expect((await test.run(SUM)).ended).toMatchObject({ outcome: 'done', problems: [] });
    }
  });

  it('heap exhausted: says that memory ran out, the next run works', async () => {
    const small = await openTestHost(entry, { evaluatorArgv: ['--max-old-space-size=64'] });
    const { ended } = await small.run(document('heap'), { targets: ['sum'] });
    expect(ended.problems[0]).toMatchObject({ code: 'run.outOfMemory', nodeId: 'bad' });
    expect(small.evaluatorStates).toContain('died');
    expect((await small.run(SUM)).ended.outcome).toBe('done');
    await small.close();
  });

  it('an evaluator that can’t start: says so', async () => {
    const broken = await openTestHost(join(test.folder, 'nowhere.mjs'));
    const { ended } = await broken.run(SUM);
    expect(ended.problems[0]).toMatchObject({ code: 'run.evaluatorDied' });
    expect(ended.problems[0]!.message).toMatch(/could not start .*nowhere\.mjs/);
    await broken.close();
  });
});

describe('cancelling', () => {
  it('a run right after one that was stopped does not get the dying evaluator', async () => {
    for (let time = 0; time < 3; time++) {
      const { run } = await runUntilBusy(test, STUBBORN, 'work');
      run.stop();
      const early = test.host.run(test.request(SUM), () => undefined);
      await run.ended;
      expect((await early.ended).problems[0]?.code).toBe('run.busy');
      const stopped = test.host.run(test.request(SUM), () => undefined);
      await new Promise(setImmediate);
      stopped.stop();
      expect((await stopped.ended).outcome).toBe('cancelled');
      expect((await test.run(SUM)).ended).toMatchObject({ outcome: 'done', problems: [] });
    }
  });

  it('closing the host ends a run as cancelled', async () => {
    const own = await openTestHost(entry);
    const { run } = await runUntilBusy(own, LONG, 'work');
    await own.close();
    expect(await run.ended).toMatchObject({ outcome: 'cancelled', problems: [] });
  });

  it('another device means another evaluator, and the old one goes', async () => {
    const own = await openTestHost(entry);
    await own.run(SUM);
    const first = own.host.evaluatorPid!;
    await own.run(SUM, { device: 'cpu' });
    expect(own.host.evaluatorPid).not.toBe(first);
    expect(own.evaluatorStates.at(-1)).toBe('ready');
    await own.close();
    expect(() => process.kill(first, 0)).toThrow(/ESRCH/);
  });

  it('stops between two steps and keeps the evaluator', async () => {
    const before = test.evaluatorStates.length;
    const { run, events } = await runUntilBusy(test, LONG, 'work');
    const askedMs = performance.now();
    run.cancel();
    expect((await run.ended).outcome).toBe('cancelled');
    expect(performance.now() - askedMs).toBeLessThan(300);
    expect(lastStates(events)).toEqual({ work: 'cancelled', after: 'cancelled' });
    expect(test.evaluatorStates.slice(before)).not.toContain('stopped');
  });

  it('kills what does not stop by itself, within half a second', async () => {
    const { run, events } = await runUntilBusy(test, STUBBORN, 'work');
    const askedMs = performance.now();
    run.cancel();
    expect((await run.ended).outcome).toBe('cancelled');
    expect(performance.now() - askedMs).toBeLessThan(700);
    expect(lastStates(events)).toEqual({ work: 'cancelled' });
    expect((await test.run(SUM)).ended.outcome).toBe('done');
  });

  it('stops now when told so', async () => {
    const { run } = await runUntilBusy(test, STUBBORN, 'work');
    const askedMs = performance.now();
    run.stop();
    expect((await run.ended).outcome).toBe('cancelled');
    expect(performance.now() - askedMs).toBeLessThan(200);
  });

  it('does not wait for files to be looked at', async () => {
    const lent = {
      takeEvaluator: () => launched,
      giveEvaluatorBack: () => undefined,
      findFacts: () => new Promise<never>(() => undefined),
    };
    const options = { device: 'auto', memory: 'auto', cacheFolder: null, diskCacheBytes: 0, memoryCacheBytes: 0 } as const;
    const silent = { onReady: () => undefined, onDeath: () => undefined, onOutput: () => undefined };
    const launched = launchEvaluator({ entry, execArgv: [], options, ...silent });
    const run = runGraph(lent, test.request(SUM), () => undefined);
    await new Promise(setImmediate);
    run.cancel();
    expect(await run.ended).toMatchObject({ outcome: 'cancelled', problems: [] });
    await launched.close();
  });

  it('before anything runs: ends without having run', async () => {
    const events: RunEvent[] = [];
    const run = test.host.run(test.request(LONG), (event) => events.push(event));
    run.cancel();
    expect((await run.ended).outcome).toBe('cancelled');
    expect(events.map((event) => event.kind)).toEqual(['ended']);
  });
});

describe('an evaluator killed while it writes', () => {
  it.each(['picture', 'dump'])('a %s: nothing half-written stays, and the next run writes it', async (what) => {
    const out = join(test.folder, `killed-${what}`);
    await mkdir(out);
    const document = makeDocument({ n: ['test.noise', { size: 2048 }], save: ['test.save'] }, ['n.image > save.image']);
    const path = join(out, 'n.safetensors');
    const more =
      what === 'picture' ? { outFolder: out } : { outFolder: null, targets: ['n'], dumps: [{ node: 'n', output: 'image', path }] };
    const watcher = watch(out);
    const begun = once(watcher, 'change');
    const run = test.host.run(test.request(document, more), () => undefined);
    await begun;
    watcher.close();
    const died = new Promise<void>((resolve) => {
      const release = test.host.watchEvaluator(() => {
        release();
        resolve();
      });
    });
    process.kill(test.host.evaluatorPid!, 'SIGKILL');
    const ended = await run.ended;
    await died;
    // It may have been finished in the moment between.
    expect(ended.outcome === 'failed' ? ended.problems.map((one) => one.code) : ['run.evaluatorDied']).toEqual(['run.evaluatorDied']);
    expect((await readdir(out)).filter((name) => name.endsWith('.partial'))).toEqual([]);
    expect((await test.run(document, more)).ended.outcome).toBe('done');
  });
});

describe('what leaves the run', () => {
  it('writes pictures, never over one another, and nothing else into the folder', async () => {
    const document = makeDocument({ p: ['test.picture', { size: 4 }], save: ['test.save', { name: '../a/b' }] }, ['p.image > save.image']);
    const paths: string[] = [];
    for (let time = 0; time < 2; time++) {
      const { events } = await test.run(document);
      for (const event of events) if (event.kind === 'result' && event.result.kind === 'file') paths.push(event.result.path);
    }
    expect(paths).toEqual([join(test.folder, 'out', 'a-b.png'), join(test.folder, 'out', 'a-b-2.png')]);
    expect((await readdir(join(test.folder, 'out'))).sort()).toEqual(['a-b-2.png', 'a-b.png']);
  });

  it('sends previews only when somebody looks, at most 30 a second and the last ones not late', async () => {
    const document = makeDocument({ work: ['test.steps', { count: 100, stepMs: 2 }] });
    const unseen = await test.run(document, { useCache: false });
    expect(unseen.events.filter((event) => event.kind === 'preview')).toHaveLength(0);
    const { events, ended } = await test.run(document, { useCache: false, previews: true });
    const previews = events.filter((event) => event.kind === 'preview');
    expect(previews.length).toBeGreaterThan(0);
    expect(previews.length).toBeLessThanOrEqual((ended.durationMs / 1000) * 30 + 1);
    const progress = events.filter((event) => event.kind === 'progress');
    expect(progress.length).toBeLessThanOrEqual((ended.durationMs / 1000) * 30 + 2);
    expect(progress.at(-1)).toMatchObject({ done: 100, total: 100 });
  });

  it('shows pictures as they are', async () => {
    const document = makeDocument({ p: ['test.picture', { size: 4, batch: 2 }], show: ['test.show'] }, ['p.image > show.image']);
    const { events } = await test.run(document);
    const shown = events.flatMap((event) => (event.kind === 'result' && event.result.kind === 'pictures' ? event.result.pictures : []));
    expect(shown.map((one) => [one.mime, one.widthPx])).toEqual([
      ['image/png', 4],
      ['image/png', 4],
    ]);
    expect(shown[0]!.bytes).toBeInstanceOf(Uint8Array);
  });
});
