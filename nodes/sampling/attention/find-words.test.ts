import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../test/unwrap.ts';
import type { TextTokens } from '../../socket-values.ts';
import { findWords, readWordNumbers } from './find-words.ts';

const tokens: TextTokens = {
  ids: [],
  used: 9,
  words: [
    { text: 'Red', rows: [1] },
    { text: 'apple', rows: [2, 3] },
    { text: ',', rows: [4] },
    { text: 'red', rows: [5] },
    { text: 'ice-cream', rows: [6, 7] },
  ],
};
const rowsOf = (wanted: string): readonly number[] => unwrap(findWords('Test', 'words', tokens, wanted)).rows;

describe('words of a prompt', () => {
  it.each([
    ['apple', [2, 3]],
    ['RED', [1, 5]],
    ['red apple', [1, 2, 3]],
    [' red   Apple ', [1, 2, 3]],
    ['red ice-cream', [5, 6, 7]],
    [',', [4]],
  ])('“%s” are found', (wanted, rows) => {
    expect(rowsOf(wanted)).toEqual(rows);
  });

  it.each(['', 'app', 'apple red', 'ice', 'pear'])('“%s” are not', (wanted) => {
    expect(findWords('Test', 'words', tokens, wanted)).toMatchObject({
      ok: false,
      problem: { socket: 'words', message: expect.stringContaining('in the prompt “Red apple , red ice-cream”.') },
    });
  });

  it('may have numbers', () => {
    const read = (list: string | null) =>
      unwrap(readWordNumbers('Test', 'weights', tokens, list, { min: -9, max: 9 })).map(({ words, value }) => [words.text, value]);
    expect(read('apple: 2; red ice-cream:-0.5\n ,')).toEqual([
      ['apple', 2],
      ['red ice-cream', -0.5],
    ]);
    expect(read(null)).toEqual([]);
  });

  it.each(['apple', 'apple:', 'apple: x', 'apple: 10', 'apple: NaN', ': 2'])('with “%s” are refused', (list) => {
    expect(readWordNumbers('Test', 'weights', tokens, list, { min: -9, max: 9 })).toMatchObject({ ok: false });
  });
});
