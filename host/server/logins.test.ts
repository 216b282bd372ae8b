import { expect, it } from 'vitest';
import { createLogins } from './logins.ts';

it('a login lets in once, and only soon', () => {
  let now = 0;
  const logins = createLogins(() => now);
  const [first, second] = [logins.make(), logins.make()];
  expect(first).not.toBe(second);
  expect([logins.take('guess'), logins.take(first), logins.take(first)]).toEqual([false, true, false]);
  now = 60_001;
  expect(logins.take(second)).toBe(false);
});
