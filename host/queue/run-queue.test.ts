import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ok } from '../../nodes/problem.ts';
import type { RunEnded } from '../run-events.ts';
import { createGalleryStore } from './gallery-store.ts';
import { openDatabase, type QueueDatabase } from './open-database.ts';
import { createQueueStore } from './queue-store.ts';
import { createRunQueue, type RunQueue } from './run-queue.ts';

const folder = mkdtempSync(join(tmpdir(), 'emulsion-queue-'));
const path = join(folder, 'queue.db');
let database: QueueDatabase | undefined;
afterEach(() => {
  database?.close();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
});

/** A queue on disk whose runs end when the test says so. */
function open(file = path) {
  database = openDatabase(file).database;
  const runs = new Map<
    string,
    { graph: string; end(outcome: RunEnded['outcome']): Promise<void>; wasCancelled: boolean; wasStopped: boolean }
  >();
  const neverRun: string[] = [];
  let changes = 0;
  let clock = 1000;
  const queue: RunQueue = createRunQueue({
    store: createQueueStore(database),
    start({ id, graph }) {
      let settle: (ended: RunEnded) => void = () => undefined;
      const ended = new Promise<RunEnded>((resolve) => {
        settle = resolve;
      });
      const run = {
        graph,
        wasCancelled: false,
        wasStopped: false,
        async end(outcome: RunEnded['outcome']) {
          settle({ kind: 'ended', outcome, problems: [], durationMs: 5, modelMs: 4 });
          await ended;
          await Promise.resolve();
        },
      };
      runs.set(id, run);
      return ok({
        ended,
        cancel: () => {
          run.wasCancelled = true;
        },
        stop: () => {
          run.wasStopped = true;
        },
      });
    },
    onNeverRun: (id) => neverRun.push(id),
    onChange: () => {
      changes++;
    },
    now: () => clock++,
  });
  const add = (graph: string) => queue.add({ title: graph, graph, request: { targets: [graph] } });
  const states = () => queue.list().map(({ title, state }) => `${title} ${state}`);
  return { queue, runs, neverRun, add, states, changes: () => changes };
}

describe('the queue', () => {
  it('runs one after another, in the order in which they were added', async () => {
    const { add, runs, states, queue } = open();
    const [a, b] = [add('a'), add('b')];
    expect(states()).toEqual(['a running', 'b waiting']);
    expect(queue.running).toBe(a);
    await runs.get(a)?.end('done');
    expect(states()).toEqual(['a done', 'b running']);
    await runs.get(b)?.end('failed');
    expect(states()).toEqual(['a done', 'b failed']);
  });

  it('runs in another order when entries are moved', async () => {
    const { add, runs, states, queue } = open();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(add) as [string, string, string, string];
    expect(queue.move(d, b)).toEqual(ok(undefined));
    expect(queue.move(b, null)).toEqual(ok(undefined));
    expect(states()).toEqual(['a running', 'd waiting', 'c waiting', 'b waiting']);
    expect(queue.move(a, c)).toMatchObject({ ok: false, problem: { message: '“a” is running, so it cannot be moved.' } });
    await runs.get(a)?.end('done');
    expect(queue.running).toBe(d);
  });

  it('holds and goes on, as a whole and entry by entry', async () => {
    const { add, runs, states, queue } = open();
    const [a, b] = ['a', 'b', 'c'].map(add) as [string, string, string];
    queue.pause(b);
    await runs.get(a)?.end('done');
    expect(states()).toEqual(['a done', 'b paused', 'c running']);
    queue.pause();
    queue.resume(b);
    await runs.get(queue.running ?? '')?.end('done');
    expect(states()).toEqual(['a done', 'b waiting', 'c done']);
    queue.resume();
    expect(queue.running).toBe(b);
  });

  it('holds what runs, which goes on later and lets others by', async () => {
    const { add, runs, states, queue } = open();
    const [a, b] = ['a', 'b'].map(add) as [string, string];
    queue.pause(a);
    expect(runs.get(a)?.wasCancelled).toBe(true);
    await runs.get(a)?.end('cancelled');
    expect(states()).toEqual(['a paused', 'b running']);
    queue.resume(a);
    await runs.get(b)?.end('done');
    expect(states()).toEqual(['a running', 'b done']);
  });

  it('cancels what waits and what runs, and retries', async () => {
    const { add, runs, states, queue, neverRun } = open();
    const [a, b] = ['a', 'b'].map(add) as [string, string];
    queue.cancel(b);
    expect(neverRun).toEqual([b]);
    queue.cancel(a);
    expect(runs.get(a)?.wasCancelled).toBe(true);
    queue.cancel(a, true);
    expect(runs.get(a)?.wasStopped).toBe(true);
    await runs.get(a)?.end('cancelled');
    const again = queue.retry(a);
    expect(again.ok && runs.get(again.value)?.graph).toBe('a');
    expect(states()).toEqual(['a cancelled', 'b cancelled', 'a running']);
    queue.clear();
    expect(states()).toEqual(['a running']);
  });

  it('is there after the process was killed: what ran waits again, and nothing starts unasked', async () => {
    const first = open();
    first.add('a');
    first.add('b');
    database?.close();
    const second = open();
    expect(second.states()).toEqual(['a waiting', 'b waiting']);
    expect(second.queue.isPaused).toBe(true);
    expect(second.queue.list()[0]?.problems[0]?.message).toContain('starts over');
    second.queue.resume();
    expect(second.states()).toEqual(['a running', 'b waiting']);
    expect([...second.runs.values()].map((run) => run.graph)).toEqual(['a']);
  });

  it('puts a damaged file aside and begins anew', () => {
    open().add('a');
    database?.close();
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
    writeFileSync(path, 'this is no database'.repeat(1000));
    const { database: fresh, problem } = openDatabase(path);
    database = fresh;
    expect(problem?.message).toContain('could not be read');
    expect(readdirSync(folder).some((name) => name.startsWith('queue.db.damaged-'))).toBe(true);
    expect(createQueueStore(fresh).list()).toEqual([]);
  });
});

describe('the gallery', () => {
  it('keeps pictures with their graph, newest first, page by page', () => {
    database = openDatabase(path).database;
    const gallery = createGalleryStore(database);
    const made = Array.from({ length: 5 }, (_, at) =>
      gallery.add(
        {
          runId: 'r',
          nodeId: 'save',
          path: `/out/${at}.png`,
          widthPx: 64,
          heightPx: 48,
          seed: '18446744073709551615',
          madeMs: at,
          durationMs: 12,
        },
        `graph ${at % 2}`,
      ),
    );
    expect(gallery.list(2, null).map((one) => one.path)).toEqual(['/out/4.png', '/out/3.png']);
    expect(gallery.list(9, made[3]!.id).map((one) => one.path)).toEqual(['/out/2.png', '/out/1.png', '/out/0.png']);
    expect(gallery.find(made[1]!.id)).toMatchObject({ graph: 'graph 1', seed: '18446744073709551615', heightPx: 48 });
    gallery.remove(made[4]!.id);
    expect(gallery.list(1, null)[0]?.path).toBe('/out/3.png');
    expect(gallery.ofRun('r')).toHaveLength(4);
  });
});
