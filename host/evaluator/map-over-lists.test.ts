import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ok, type Problem, problem, type Result } from '../../nodes/problem.ts';
import { type Arrivals, countItems, mapOverLists, type Walks } from './map-over-lists.ts';

type Outputs = Readonly<Record<string, unknown>>;

/** Gives what arrives as text, and remembers the calls. */
async function walk(arrivals: Arrivals, walks: Walks, failAt = -1): Promise<{ result: Result<Outputs>; calls: string[] }> {
  const calls: string[] = [];
  const result = await mapOverLists(
    arrivals,
    walks,
    ['out', 'copy'],
    async (inputs) => {
      const text = Object.values(inputs).join(' ');
      calls.push(text);
      if (calls.length - 1 === failAt) return { ok: false, problem: problem('node.failed', `not ${text}`) };
      return ok({ out: text, copy: inputs['a'] });
    },
    (lengths) => `uneven: ${JSON.stringify(lengths)}`,
  );
  return { result, calls };
}

const problemOf = (result: Result<unknown>): Problem | undefined => (result.ok ? undefined : result.problem);

describe('walking through lists', () => {
  it('evaluates once where nothing is a list', async () => {
    const { result, calls } = await walk({ a: 1, b: 2 }, {});
    expect(result).toEqual(ok({ out: '1 2', copy: 1 }));
    expect(calls).toEqual(['1 2']);
  });

  it('walks lists side by side and gives the rest to every item', async () => {
    const { result } = await walk({ a: [1, 2, 3], b: ['x', 'y', 'z'], c: 'c' }, { a: 1, b: 1, c: 0 });
    expect(result).toEqual(ok({ out: ['1 x c', '2 y c', '3 z c'], copy: [1, 2, 3] }));
  });

  it('keeps the axes of nested lists', async () => {
    const { result } = await walk({ a: [[1, 2], [], [3]], b: ['x', 'y', 'z'] }, { a: 2, b: 1 });
    expect(result).toEqual(ok({ out: [['1 x', '2 x'], [], ['3 z']], copy: [[1, 2], [], [3]] }));
  });

  it('walks no deeper than told', async () => {
    const { result } = await walk({ a: [[1, 2], [3]] }, { a: 1 });
    expect(result).toEqual(
      ok({
        out: ['1,2', '3'],
        copy: [[1, 2], [3]],
      }),
    );
  });

  it('takes a single value where a list was expected for every item', async () => {
    const { result } = await walk({ a: 5, b: [1, 2] }, { a: 1, b: 1 });
    expect(result).toEqual(ok({ out: ['5 1', '5 2'], copy: [5, 5] }));
  });

  it('gives empty lists for empty lists, without evaluating', async () => {
    const { result, calls } = await walk({ a: [] }, { a: 2 });
    expect(result).toEqual(ok({ out: [], copy: [] }));
    expect(calls).toEqual([]);
  });

  it.each<[string, Arrivals, Walks]>([
    ['side by side', { a: [1, 2], b: [1, 2, 3] }, { a: 1, b: 1 }],
    ['one empty', { a: [], b: [1] }, { a: 1, b: 1 }],
    ['inside', { a: [[1], [1, 2]], b: [[1], [1]] }, { a: 2, b: 2 }],
  ])('refuses lists of different lengths: %s', async (_what, arrivals, walks) => {
    const { result } = await walk(arrivals, walks);
    expect(problemOf(result)).toMatchObject({ code: 'node.invalidInput', message: expect.stringMatching(/^uneven: /) });
    expect(countItems(arrivals, walks)).toBeGreaterThanOrEqual(0);
  });

  it('stops at the first item that fails', async () => {
    const { result, calls } = await walk({ a: [1, 2, 3] }, { a: 1 }, 1);
    expect(problemOf(result)?.message).toBe('not 2');
    expect(calls).toEqual(['1', '2']);
  });

  it('evaluates as often as it counts, and gives back the shape that it was given', async () => {
    const anyNest = fc.array(fc.array(fc.nat(9), { maxLength: 4 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(anyNest, async (rows) => {
        const arrivals = { a: rows, b: rows.map((row) => row.length), c: 'c' };
        const walks = { a: 2, b: 1 };
        const { result, calls } = await walk(arrivals, walks);
        expect(calls).toHaveLength(countItems(arrivals, walks));
        expect(result).toMatchObject(ok({ copy: rows }));
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});
