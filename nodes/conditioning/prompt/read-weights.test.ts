import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWeights } from './read-weights.ts';

/** Texts and weights of a prompt without BREAK. */
function read(prompt: string): [string, number][] {
  const stretches = readWeights(prompt);
  expect(stretches).toHaveLength(1);
  return stretches.flat().map(({ text, weight }) => [text, Number(weight.toFixed(6))]);
}

describe('weights', () => {
  // The examples in the documentation of A1111's parse_prompt_attention.
  it.each<[string, [string, number][]]>([
    ['normal text', [['normal text', 1]]],
    [
      'an (important) word',
      [
        ['an ', 1],
        ['important', 1.1],
        [' word', 1],
      ],
    ],
    ['(unbalanced', [['unbalanced', 1.1]]],
    ['\\(literal\\]', [['(literal]', 1]]],
    ['(unnecessary)(parens)', [['unnecessaryparens', 1.1]]],
    [
      'a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).',
      [
        ['a ', 1],
        ['house', 1.573],
        [' ', 1.1],
        ['on', 1],
        [' a ', 1.1],
        ['hill', 0.55],
        [', sun, ', 1.1],
        ['sky', 1.4641],
        ['.', 1.1],
      ],
    ],
  ])('%s', (prompt, expected) => {
    expect(read(prompt)).toEqual(expected);
  });

  it('reads escapes, numbers that are none, and brackets that close nothing', () => {
    expect(read('a\\b \\\\ \\[c\\] \\:d')).toEqual([['a\\b \\ [c] :d', 1]]);
    expect(read('(a:1.2.3)')).toEqual([['a:1.2.3)', 1.1]]);
    expect(read('a) b] c:2)')).toEqual([['a) b] c:2)', 1]]);
    expect(read('(a:b:-0.5)')).toEqual([['a:b', -0.5]]);
    expect(read('(a : 2 )')).toEqual([['a ', 2]]);
    expect(read('()[]x')).toEqual([['x', 1]]);
  });

  it('lets round and square brackets cross', () => {
    expect(read('(a [b) c]')).toEqual([
      ['a ', 1.1],
      ['b', 1],
      [' c', 0.909091],
    ]);
  });

  it('begins anew at BREAK', () => {
    expect(readWeights('a BREAK  (b BREAK c:2)BREAK')).toEqual([
      [{ text: 'a', weight: 1 }],
      [{ text: 'b', weight: 2 }],
      [{ text: 'c', weight: 2 }],
      [],
    ]);
    expect(read('BREAKFAST, break, OUTBREAK')).toEqual([['BREAKFAST, break, OUTBREAK', 1]]);
  });
});

describe('any text', () => {
  const markup = fc.array(fc.constantFrom('(', ')', '[', ']', ':', '1.5', '\\', 'BREAK', ' ', 'ab', '|', '\ud800', '.'), { maxLength: 40 });

  it('never throws, keeps the words in order, and gives weights above zero where no number is given', () => {
    fc.assert(
      fc.property(markup, (tokens) => {
        for (const { text, weight } of readWeights(tokens.join('')).flat()) {
          expect(text).not.toBe('');
          expect(weight).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('comes back as it is without markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        fc.pre(!/[()[\]\\]|BREAK/.test(text));
        expect(readWeights(text)).toEqual([[{ text, weight: 1 }]]);
      }),
    );
  });

  it('comes back as it is when its markup is escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('(', ')', '[', ']', ':', '\\', 'a', '1', ' '), minLength: 1 }), (text) => {
        expect(readWeights(text.replace(/[()[\]:\\]/g, '\\$&'))).toEqual([[{ text, weight: 1 }]]);
      }),
    );
  });

  it('is read quickly however deep it nests', () => {
    for (const prompt of ['(a'.repeat(50_000), `${'('.repeat(50_000)}a${')'.repeat(50_000)}`, '[(a)'.repeat(25_000), ' '.repeat(100_000)]) {
      expect(readWeights(prompt)).toHaveLength(1);
    }
  });
});
