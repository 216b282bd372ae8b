import { expect, it } from 'vitest';
import { type AddedWord, encodeAroundWords } from './added-words.ts';

/** One id a character: its code. */
const encode = (text: string): number[] => [...text.replaceAll(' ', '')].map((letter) => letter.charCodeAt(0));
const words: AddedWord[] = [
  { text: '<cat>', ids: [1, 2] },
  { text: '<cat>_1', ids: [2] },
  { text: 'a+b', ids: [3] },
  { text: 'bad-hands-5/[x]', ids: [4] },
];

it.each([
  ['no word', encode('no word')],
  ['<cat>', [1, 2]],
  ['A <CAT> x', [65, 1, 2, 120]],
  ['x<cat>y<cat>', [120, 1, 2, 121, 1, 2]],
  ['<cat>_1', [2]],
  ['<cat>_2', [1, 2, ...encode('_2')]],
  ['a bad-hands-5/[x]', [97, 4]],
  ['a+b aab', [3, ...encode('aab')]],
  ['', []],
])('“%s”', (text, ids) => {
  expect(encodeAroundWords(text, words, encode)).toEqual(ids);
});

it('leaves texts alone where there are no words', () => {
  expect(encodeAroundWords('<cat>', [], encode)).toEqual(encode('<cat>'));
});
