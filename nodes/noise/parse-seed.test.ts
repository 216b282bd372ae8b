import { describe, expect, it } from 'vitest';
import { parseSeed } from './parse-seed.ts';

describe('parseSeed', () => {
  it.each([
    ['0', 0n],
    [42, 42n],
    ['-1', 2n ** 64n - 1n],
    [-1, 2n ** 64n - 1n],
    ['18446744073709551615', 2n ** 64n - 1n],
    ['-9223372036854775808', 2n ** 63n],
    [2n ** 40n, 2n ** 40n],
  ])('takes %s', (seed, wanted) => {
    expect(parseSeed(seed)).toEqual({ ok: true, value: wanted });
  });

  it.each(['', 'abc', '1.5', '0x10', ' 3', '18446744073709551616', '-9223372036854775809', 1.5, Number.NaN, 2 ** 53, '9'.repeat(99)])(
    'refuses %s',
    (seed) => {
      const result = parseSeed(seed);
      expect(result).toMatchObject({ ok: false, problem: { code: 'seed.invalid', message: expect.stringContaining('2^64 - 1') } });
    },
  );
});
