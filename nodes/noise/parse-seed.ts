import { fail, ok, type Result } from '../problem.ts';

const WHOLE_NUMBER = /^-?\d{1,20}$/;
const LOWEST = -(2n ** 63n);
const COUNT = 2n ** 64n;

/**
 * A seed as people write it to the 64-bit seed torch makes of it (0 … 2^64 - 1; negative ones count down from 2^64, as
 * `torch.Generator.initial_seed` shows them). What torch refuses is refused.
 */
export function parseSeed(seed: string | number | bigint): Result<bigint> {
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
    return refuse(String(seed), Number.isInteger(seed) ? ' Write seeds beyond 2^53 as text, so that no digit is lost.' : '');
  }
  if (typeof seed === 'string' && !WHOLE_NUMBER.test(seed)) return refuse(JSON.stringify(seed.slice(0, 40)), '');
  const value = BigInt(seed);
  if (value < LOWEST || value >= COUNT) return refuse(String(value), '');
  return ok(value < 0n ? value + COUNT : value);
}

function refuse(given: string, hint: string): Result<bigint> {
  return fail('seed.invalid', `A seed must be a whole number from -2^63 to 2^64 - 1, and is ${given}.${hint}`);
}
