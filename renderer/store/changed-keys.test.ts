import { expect, it } from 'vitest';
import { changedKeys } from './changed-keys.ts';

const [one, two] = [{}, {}];

it.each([
  ['the same record', { a: one }, { a: one }, [], true],
  ['nothing and nothing', undefined, undefined, [], true],
  ['an entry that is another value', { a: one, b: one }, { a: one, b: two }, ['b'], true],
  ['an entry that is new', { a: one }, { a: one, b: two }, ['b'], false],
  ['an entry that has gone', { a: one, b: two }, { b: two }, ['a'], false],
  ['another order', { a: one, b: two }, { b: two, a: one }, [], false],
  ['a record that is new', undefined, { a: one }, ['a'], false],
  ['a record that has gone', { a: one }, undefined, ['a'], false],
] as const)('%s', (_case, before, after, keys, isSameOrder) => {
  expect(changedKeys(before, after)).toEqual({ keys: new Set(keys), isSameOrder });
});
