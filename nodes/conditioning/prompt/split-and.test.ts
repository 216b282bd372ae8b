import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitAnd } from './split-and.ts';

it('splits at AND and reads the weights behind the last colons', () => {
  expect(splitAnd('a fox :1.2 AND a forest:-.5 AND (b:1.3)')).toEqual([
    { text: 'a fox', weight: 1.2 },
    { text: 'a forest', weight: -0.5 },
    { text: '(b:1.3)', weight: 1 },
  ]);
  expect(splitAnd('AND')).toEqual([
    { text: '', weight: 1 },
    { text: '', weight: 1 },
  ]);
});

it('leaves prompts without the word alone', () => {
  for (const prompt of ['', ' format 16:9 ', 'a LAND and SANDY, ÄAND', 'and'])
    expect(splitAnd(prompt)).toEqual([{ text: prompt, weight: 1 }]);
});

it('never throws, and gives numbers', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('AND', ' ', ':', '1', '.5', '-', 'x', '\n', '\ud800'), { maxLength: 30 }), (tokens) => {
      for (const { weight } of splitAnd(tokens.join(''))) expect(Number.isFinite(weight)).toBe(true);
    }),
  );
});

it('is quick with spaces and colons without end', () => {
  expect(splitAnd(`a AND ${' '.repeat(100_000)}`)).toHaveLength(2);
  expect(splitAnd(`a AND ${': '.repeat(50_000)}`)).toHaveLength(2);
});
