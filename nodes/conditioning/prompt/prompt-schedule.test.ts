import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePromptSchedule, readMarks, readPromptAt } from './prompt-schedule.ts';

/** How a prompt reads in each of `steps` steps. */
function readAll(prompt: string, steps: number): string[] {
  const tree = parsePromptSchedule(prompt);
  return Array.from({ length: steps }, (_, turn) =>
    readPromptAt(tree, { turn, isAfter: (when) => turn + 1 > Math.trunc(when < 1 ? when * steps : when) }),
  );
}

/** Stretches of steps that read alike: the last step of each, counted from 1, and the text. */
function stretches(prompt: string, steps: number): [number, string][] {
  const all = readAll(prompt, steps);
  return all.flatMap((text, index): [number, string][] => (text === all[index + 1] ? [] : [[index + 1, text]]));
}

describe('what depends on the step', () => {
  // The examples in the documentation of A1111's get_learned_conditioning_prompt_schedules, at 10 steps.
  it.each<[string, [number, string][]]>([
    ['test', [[10, 'test']]],
    [
      'a [b:3]',
      [
        [3, 'a '],
        [10, 'a b'],
      ],
    ],
    [
      'a [b: 3]',
      [
        [3, 'a '],
        [10, 'a b'],
      ],
    ],
    [
      'a [[[b]]:2]',
      [
        [2, 'a '],
        [10, 'a [[b]]'],
      ],
    ],
    [
      '[(a:2):3]',
      [
        [3, ''],
        [10, '(a:2)'],
      ],
    ],
    [
      'a [b : c : 1] d',
      [
        [1, 'a b  d'],
        [10, 'a  c  d'],
      ],
    ],
    [
      'a[b:[c:d:2]:1]e',
      [
        [1, 'abe'],
        [2, 'ace'],
        [10, 'ade'],
      ],
    ],
    ['a [unbalanced', [[10, 'a [unbalanced']]],
    [
      'a [b:.5] c',
      [
        [5, 'a  c'],
        [10, 'a b c'],
      ],
    ],
    [
      'a [{b|d{:.5] c',
      [
        [5, 'a  c'],
        [10, 'a {b|d{ c'],
      ],
    ],
    [
      '((a][:b:c [d:3]',
      [
        [3, '((a][:b:c '],
        [10, '((a][:b:c d'],
      ],
    ],
    ['[a|(b:1.1)]', ['a', '(b:1.1)', 'a', '(b:1.1)', 'a', '(b:1.1)', 'a', '(b:1.1)', 'a', '(b:1.1)'].map((text, at) => [at + 1, text])],
    ['[fe|]male', ['fe', '', 'fe', '', 'fe', '', 'fe', '', 'fe', ''].map((text, at) => [at + 1, `${text}male`])],
  ])('%s', (prompt, expected) => {
    expect(stretches(prompt, 10)).toEqual(expected);
  });

  it('takes something away, and changes inside of weights and alternations', () => {
    expect(stretches('a [b::0.3] c', 10)).toEqual([
      [3, 'a b c'],
      [10, 'a  c'],
    ]);
    expect(stretches('([a:b:2]:1.2)', 4)).toEqual([
      [2, '(a:1.2)'],
      [4, '(b:1.2)'],
    ]);
    expect(readAll('[a|[b:c:2]|d]', 5)).toEqual(['a', 'b', 'd', 'a', 'c']);
  });

  it('leaves alone what only looks like it', () => {
    for (const prompt of [
      '[a]',
      '[a:b]',
      '[a:b:c:0.5]',
      '[a:1e999]',
      '\\[a:b:0.5\\]',
      '(a|b)',
      'a|b:c',
      '[a:b\\:0.5]',
      '[a:b:0.5',
      'a:b:0.5]',
    ]) {
      expect(readAll(prompt, 2)).toEqual([prompt, prompt]);
    }
  });

  it('finds marks and periods', () => {
    expect(readMarks(parsePromptSchedule('[a:b:0.5] [c|d] [e|[f:12]|g] [h:0.5]'))).toEqual({ marks: [0.5, 12], period: 6 });
    expect(readMarks(parsePromptSchedule('plain (text:1.2) [so]'))).toEqual({ marks: [], period: 1 });
  });
});

describe('any text', () => {
  it('is read without an error, in any step', () => {
    const markup = fc.array(fc.constantFrom('(', ')', '[', ']', ':', '|', '0.5', '3', '\\', ' ', 'ab', '\ud800'), { maxLength: 40 });
    fc.assert(
      fc.property(markup, fc.boolean(), fc.nat(20), (tokens, after, turn) => {
        const tree = parsePromptSchedule(tokens.join(''));
        expect(typeof readPromptAt(tree, { turn, isAfter: () => after })).toBe('string');
        expect(readMarks(tree).period).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('comes back as it is without square brackets', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!text.includes('['));
        expect(readAll(text, 1)).toEqual([text]);
      }),
    );
  });

  it('is read quickly however deep it nests', () => {
    for (const prompt of [
      '[(a'.repeat(33_000),
      `${'['.repeat(50_000)}a${']'.repeat(50_000)}`,
      '((((]'.repeat(20_000),
      '[a|b]'.repeat(20_000),
    ]) {
      expect(readAll(prompt, 2)).toHaveLength(2);
    }
  });
});
