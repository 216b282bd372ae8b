import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GraphDocument } from '../graphs/document.ts';
import { buildTestEvaluator, makeDocument, openTestHost, type TestHost } from '../test/e2e/open-test-host.ts';

let test: TestHost;
beforeAll(async () => {
  test = await openTestHost(await buildTestEvaluator());
});
afterAll(() => test.close());

/** What the Say nodes of a graph say, in order; else its problem. */
async function run(document: GraphDocument): Promise<string[]> {
  const { ended, events } = await test.run(document);
  if (ended.problems.length > 0) return ended.problems.map(({ code, message }) => `${code}: ${message}`);
  return events.flatMap((event) => (event.kind === 'result' && event.result.kind === 'file' ? [event.result.path] : []));
}

const say = (nodes: Parameters<typeof makeDocument>[0], wires: readonly string[]): GraphDocument =>
  makeDocument({ ...nodes, all: ['test.gather'], say: ['test.say'] }, [...wires, 'all.text > say.text']);

describe('lists in a graph', () => {
  it('map a node, and a list input takes them as one', async () => {
    const document = say({ r: ['test.range', { count: 3 }], ten: ['test.number', { value: 10 }], add: ['test.add'] }, [
      'r.numbers > add.a',
      'ten.number > add.b',
      'add.sum > all.numbers',
      'ten.number > all.numbers',
    ]);
    expect(await run(document)).toEqual(['11,12,13,10']);
  });

  it('walk side by side', async () => {
    const document = say({ r: ['test.range', { count: 3 }], add: ['test.add'] }, [
      'r.numbers > add.a',
      'r.numbers > add.b',
      'add.sum > all.numbers',
    ]);
    expect(await run(document)).toEqual(['2,4,6']);
  });

  it('that are nested keep their axes: the outer one maps a list input, the inner one is its list', async () => {
    const document = say({ n: ['test.nest', { rows: '2 0 1' }], ten: ['test.number', { value: 10 }], add: ['test.add'] }, [
      'n.numbers > add.a',
      'ten.number > add.b',
      'add.sum > all.numbers',
    ]);
    expect(await run(document)).toEqual(['11,12', '', '13']);
  });

  it('that are empty map nothing', async () => {
    const wires = ['r.numbers > add.a', 'r.numbers > add.b', 'add.sum > all.numbers'];
    expect(await run(say({ r: ['test.range', { count: 0 }], add: ['test.add'] }, wires))).toEqual(['']);
  });

  it('of lengths known to differ are refused before anything runs', async () => {
    const document = say({ a: ['test.range', { count: 2 }], b: ['test.range', { count: 3 }], add: ['test.add'] }, [
      'a.numbers > add.a',
      'b.numbers > add.b',
      'add.sum > all.numbers',
    ]);
    expect(await run(document)).toEqual([expect.stringMatching(/^graph\.typeMismatch: .*2 and 3 items/)]);
  });

  it('of lengths found to differ fail the node that walks them, with both lengths', async () => {
    const document = say({ a: ['test.nest', { rows: '2 1' }], b: ['test.nest', { rows: '2 2' }], add: ['test.add'] }, [
      'a.numbers > add.a',
      'b.numbers > add.b',
      'add.sum > all.numbers',
    ]);
    expect(await run(document)).toEqual([
      expect.stringMatching(/^node\.invalidInput: Add walks through lists side by side.*\(Number 1, Number 2\)/),
    ]);
  });

  it('report progress over all their items', async () => {
    const document = makeDocument({ r: ['test.range', { count: 4 }], work: ['test.steps', { count: 5, stepMs: 10 }] }, [
      'r.numbers > work.number',
    ]);
    const { events } = await test.run(document, { useCache: false });
    const progress = events.flatMap((event) => (event.kind === 'progress' ? [event] : []));
    expect(progress.at(-1)).toMatchObject({ done: 20, total: 20 });
    expect(progress.every(({ total }) => total === 20)).toBe(true);
    for (const [at, { done }] of progress.entries()) expect(done).toBeGreaterThan(progress[at - 1]?.done ?? 0);
  });
});
