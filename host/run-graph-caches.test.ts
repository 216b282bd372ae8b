import { readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GraphDocument } from '../graphs/document.ts';
import { openSafetensors } from '../models/safetensors.ts';
import { buildTestEvaluator, lastStates, makeDocument, openTestHost, type TestHost } from '../test/e2e/open-test-host.ts';
import { listCacheEntries } from './store/cache-folder.ts';

let entry: string;
let test: TestHost;
beforeAll(async () => {
  entry = await buildTestEvaluator();
  test = await openTestHost(entry);
});
afterAll(() => test.close());

const SLOW = makeDocument({ n: ['test.noise', { size: 16 }], after: ['test.noise', { size: 32 }], show: ['test.show'] }, [
  'n.image > after.image',
  'after.image > show.image',
]);

/** Runs a graph in a new host over the same cache folder, as after a restart. */
async function runAfresh(document: GraphDocument, more: Parameters<typeof openTestHost>[1] = {}) {
  const fresh = await openTestHost(entry, { cacheFolder: test.host.cacheFolder, ...more });
  try {
    const { ended, events } = await fresh.run(document, { policy: test.policy });
    const warnings = events.flatMap((event) => (event.kind === 'problem' ? [event.problem.message] : []));
    return { ended, states: lastStates(events), warnings };
  } finally {
    await fresh.close();
  }
}

describe('results on the disk', () => {
  beforeEach(() => rm(test.host.cacheFolder ?? '', { recursive: true, force: true }));

  it('are found after a restart, and only what is needed is run', async () => {
    expect((await runAfresh(SLOW)).states).toEqual({ n: 'done', after: 'done', show: 'done' });
    expect((await runAfresh(SLOW)).states).toEqual({ after: 'cached', show: 'done' });
  });

  it('are computed again where they are damaged, cut off or something else, with nothing said', async () => {
    for (const damage of [(path: string) => writeFile(path, 'something else'), (path: string) => truncate(path, 100)]) {
      await runAfresh(SLOW);
      for (const { path } of await listCacheEntries(test.host.cacheFolder ?? '')) await damage(path);
      const { ended, states, warnings } = await runAfresh(SLOW);
      expect(ended).toMatchObject({ outcome: 'done', problems: [] });
      expect(states).toEqual({ n: 'done', after: 'done', show: 'done' });
      expect(warnings).toEqual([]);
    }
    expect((await runAfresh(SLOW)).states).toMatchObject({ after: 'cached' });
  });

  it('stay within their bound', async () => {
    const bound = { diskCacheBytes: 40_000 };
    for (const size of [40, 41, 42]) {
      await runAfresh(makeDocument({ n: ['test.noise', { size }] }), bound); // about 20 kB each
      const entries = await listCacheEntries(test.host.cacheFolder ?? '');
      expect(entries.length).toBeGreaterThan(0);
      expect(entries.reduce((sum, one) => sum + one.bytes, 0)).toBeLessThanOrEqual(40_000);
    }
  });

  it('are shared by two hosts that run at once', async () => {
    const [a, b] = await Promise.all([runAfresh(SLOW), runAfresh(SLOW)]);
    for (const { ended, warnings } of [a, b]) {
      expect(ended).toMatchObject({ outcome: 'done', problems: [] });
      expect(warnings).toEqual([]);
    }
    expect((await runAfresh(SLOW)).states).toEqual({ after: 'cached', show: 'done' });
  });

  it('are neither read nor written by a run without a cache', async () => {
    const { events } = await test.run(SLOW, { useCache: false });
    expect(lastStates(events)).toEqual({ n: 'done', after: 'done', show: 'done' });
    expect(await listCacheEntries(test.host.cacheFolder ?? '')).toEqual([]);
  });
});

describe('results in memory', () => {
  it.each([
    { disk: 'without a disk are computed again', parts: { cacheFolder: null }, first: 'done' },
    { disk: 'come back from the disk', parts: {}, first: 'cached' },
  ])('go when they do not fit, and $disk', async ({ parts, first }) => {
    const small = await openTestHost(entry, { memoryCacheBytes: 30_000, ...parts });
    const one = (size: number) => makeDocument({ n: ['test.noise', { size }] });
    for (const size of [30, 31, 32]) await small.run(one(size)); // about 11 kB each: two fit
    const { cacheFolder } = small.host; // entries reach it after their run has ended
    if (cacheFolder !== null) await expect.poll(async () => (await listCacheEntries(cacheFolder)).length).toBe(3);
    expect(lastStates((await small.run(one(32))).events)).toEqual({ n: 'cached' });
    expect(lastStates((await small.run(one(30))).events)).toEqual({ n: first });
    await small.close();
  });

  it('are lost in memory while a run loads others, and are then computed again', async () => {
    const small = await openTestHost(entry, { memoryCacheBytes: 30_000, cacheFolder: null });
    const document = makeDocument(
      { a: ['test.picture', { size: 48 }], b: ['test.picture', { size: 30 }], show: ['test.show'], see: ['test.show'] },
      ['a.image > show.image', 'b.image > see.image'],
    );
    for (let time = 0; time < 3; time++) expect((await small.run(document)).ended).toMatchObject({ outcome: 'done', problems: [] });
    await small.close();
  });
});

describe('effects', () => {
  it('happen in every run, and nothing that depends on them is kept', async () => {
    const document = makeDocument({ stamp: ['test.stamp'], after: ['test.steps', { count: 1 }], all: ['test.gather'], say: ['test.say'] }, [
      'stamp.number > after.number',
      'after.number > all.numbers',
      'all.text > say.text',
    ]);
    const said: string[] = [];
    for (let time = 0; time < 3; time++) {
      const { events } = await test.run(document);
      expect(lastStates(events)).toEqual({ stamp: 'done', after: 'done', all: 'done', say: 'done' });
      for (const event of events) if (event.kind === 'result' && event.result.kind === 'file') said.push(event.result.path);
    }
    expect(said).toEqual(['2', '3', '4']);
  });
});

describe('files in keys', () => {
  const document = makeDocument({ l: ['test.load', { file: 'in.png' }], show: ['test.show'] }, ['l.image > show.image']);
  const paint = (red: number) =>
    sharp({ create: { width: 4, height: 4, channels: 3, background: { r: red, g: 0, b: 0 } } }).png({ compressionLevel: 0 });

  it('a picture that changed is loaded anew, though size and time are the same; one that came back is known', async () => {
    const path = join(test.folder, 'in.png');
    const states: string[] = [];
    const time = new Date(1e12);
    for (const red of [10, 10, 20, 10]) {
      await writeFile(path, await paint(red).toBuffer());
      await utimes(path, time, time);
      states.push(lastStates((await test.run(document)).events)['l'] ?? '');
    }
    expect(states).toEqual(['done', 'cached', 'done', 'cached']);
  });

  it('a picture that went away or is damaged fails, with its sentence once', async () => {
    await rm(join(test.folder, 'in.png'), { force: true });
    const missing = await test.run(document);
    expect(missing.ended.problems).toEqual([expect.objectContaining({ code: 'file.missing', nodeId: 'l' })]);
    expect(lastStates(missing.events)).toEqual({ l: 'failed', show: 'skipped' });
    await writeFile(join(test.folder, 'in.png'), (await paint(1).toBuffer()).subarray(0, 60));
    const damaged = await test.run(document);
    expect(damaged.ended.problems).toEqual([expect.objectContaining({ code: 'file.damaged', nodeId: 'l' })]);
  });

  it('a picture outside is not looked at', async () => {
    const outside = makeDocument({ l: ['test.load', { file: '/etc/hostname' }] });
    expect((await test.run(outside)).ended.problems).toEqual([expect.objectContaining({ code: 'file.outside', nodeId: 'l' })]);
  });
});

describe('dumps', () => {
  it('are safetensors with one tensor, whether the node ran or was kept, and items of lists are joined', async () => {
    const path = join(test.folder, 'made', 'for', 'it', 'image.safetensors');
    const one = makeDocument({ p: ['test.picture', { size: 5, value: 0.25, batch: 2 }] });
    for (let time = 0; time < 2; time++) {
      await rm(path, { force: true });
      const { ended, events } = await test.run(one, { dumps: [{ node: 'p', output: 'image', path }] });
      expect(ended).toMatchObject({ outcome: 'done', problems: [] });
      expect(events).toContainEqual({ kind: 'result', nodeId: 'p', result: { kind: 'dump', path, output: 'image' } });
      const opened = await openSafetensors(path);
      if (!opened.ok) throw new Error(opened.problem.message);
      expect([...opened.value.tensors.values()].map(({ dtype, shape }) => [dtype, shape])).toEqual([['F32', [2, 3, 5, 5]]]);
    }
    const list = makeDocument({ r: ['test.range', { count: 4 }] });
    await test.run(list, { dumps: [{ node: 'r', output: 'numbers', path }] });
    const opened = await openSafetensors(path);
    expect(opened.ok && [...opened.value.tensors].map(([name, { shape }]) => [name, shape])).toEqual([['numbers', [4]]]);
  });

  it('that can’t be written say why, and nothing half-written stays', async () => {
    const folder = join(test.folder, 'file');
    await writeFile(folder, '');
    const { ended } = await test.run(makeDocument({ p: ['test.picture', { size: 5 }] }), {
      dumps: [{ node: 'p', output: 'image', path: join(folder, 'x.safetensors') }],
    });
    expect(ended.outcome).toBe('failed');
    expect(ended.problems).toEqual([
      expect.objectContaining({ nodeId: 'p', socket: 'image', message: expect.stringMatching(/^Picture: the value of image could not/) }),
    ]);
    expect((await readdir(test.folder)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('of what is no tensor say so', async () => {
    const document = makeDocument({ g: ['test.gather'], one: ['test.number'] }, ['one.number > g.numbers']);
    const { ended } = await test.run(document, { dumps: [{ node: 'g', output: 'text', path: join(test.folder, 't.safetensors') }] });
    expect(ended.problems[0]?.message).toBe('Gather: the value of text could not be written: it is a text, not a tensor.');
  });
});
