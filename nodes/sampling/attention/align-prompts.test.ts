import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../test/unwrap.ts';
import type { TextTokens } from '../../socket-values.ts';
import { alignPrompts, type EditKind } from './align-prompts.ts';

const ROWS = 10;

/** A text of words with their ids, between start 0 and end 1, padded with 1. */
function text(...words: readonly (readonly [string, ...number[]])[]): TextTokens {
  let next = 1;
  const ids = [0, ...words.flatMap(([, ...own]) => own), 1];
  return {
    ids: [...ids, ...new Array<number>(ROWS - ids.length).fill(1)],
    used: ids.length,
    words: words.map(([word, ...own]) => ({ text: word, rows: own.map(() => next++) })),
  };
}

/** What each edited row takes, as `from*share` of source rows; `own`: it keeps its own. */
function taken(kind: EditKind, source: TextTokens, edited: TextTokens): string[] {
  const { mapper, alphas } = unwrap(alignPrompts('Test', kind, source, edited, ROWS));
  return Array.from({ length: ROWS }, (_, to) => {
    if (alphas.data[to] === 0) return 'own';
    const shares = Array.from({ length: ROWS }, (_row, from) => [from, mapper.data[from * ROWS + to] ?? 0] as const);
    return shares.flatMap(([from, share]) => (share === 0 ? [] : [share === 1 ? `${from}` : `${from}*${share}`])).join('+');
  });
}

const cat = text(['a', 2], ['cat', 3, 4], ['sits', 5]);

describe('texts that are aligned', () => {
  it('are themselves where they are the same', () => {
    const same = Array.from({ length: ROWS }, (_, row) => `${row}`);
    expect(taken('replace', cat, cat)).toEqual(same);
    expect(taken('refine', cat, cat)).toEqual(same);
  });

  it('word by word share the tokens of what was replaced; words behind keep their own', () => {
    const dog = text(['a', 2], ['dog', 7], ['sits', 5]);
    expect(taken('replace', cat, dog)).toEqual(['0', '1', '2+3', '4', '5', '6', '6', '7', '8', '9']);
    expect(taken('replace', dog, cat)).toEqual(['0', '1', '2*0.5', '2*0.5', '3', '4', '6', '7', '8', '9']);
  });

  it('by what they have in common leave new tokens alone', () => {
    const white = text(['a', 2], ['white', 8], ['cat', 3, 4], ['sits', 5]);
    expect(taken('refine', cat, white)).toEqual(['0', '1', 'own', '2', '3', '4', '5', '7', '8', '9']);
    expect(taken('refine', white, cat)).toEqual(['0', '1', '3', '4', '5', '6', '7', '7', '8', '9']);
  });

  it('are replaced where both have as many words, else refined', () => {
    const dog = text(['a', 2], ['dog', 7], ['sits', 5]);
    const two = text(['cat', 3, 4], ['sits', 5]);
    expect(taken('auto', cat, dog)).toEqual(taken('replace', cat, dog));
    expect(taken('auto', cat, two)).toEqual(taken('refine', cat, two));
  });

  it('that fill all tokens have no padding to align', () => {
    const full = text(['x', 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(taken('refine', full, text(['y', 2]))).toEqual(['0', '1', '9', ...new Array<string>(7).fill('own')]);
  });
});
