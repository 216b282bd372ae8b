/**
 * numpy's `SeedSequence`, which spreads a seed and a place in a tree over independent 32-bit seeds (O'Neill's `seed_seq_fe`, in
 * numpy since 1.17; its output is promised never to change).
 */

const INITIAL_A = 0x43b0d7e5;
const FACTOR_A = 0x931e8875;
const INITIAL_B = 0x8b51f9dd;
const FACTOR_B = 0x58f38ded;
const MIX_LEFT = 0xca01f9dd;
const MIX_RIGHT = 0x4973f715;

/** `SeedSequence(entropy, spawn_key, pool_size).generate_state(count)`: unsigned 32-bit words. All numbers are 0 or more. */
export function seedWords(entropy: bigint, spawnKey: readonly number[], poolSize: number, count: number): Uint32Array {
  const words = wordsOf(entropy);
  if (spawnKey.length > 0) {
    // So that a long entropy is never taken for a short one with a spawn key.
    while (words.length < poolSize) words.push(0);
    for (const key of spawnKey) words.push(...wordsOf(BigInt(key)));
  }
  return generate(mixedPool(words, poolSize), count);
}

/** Little-endian words; 0 has one. */
function wordsOf(value: bigint): number[] {
  const words: number[] = [];
  let rest = value;
  do {
    words.push(Number(BigInt.asUintN(32, rest)));
    rest >>= 32n;
  } while (rest > 0n);
  return words;
}

function mixedPool(entropy: readonly number[], poolSize: number): Uint32Array {
  let constant = INITIAL_A;
  const hash = (value: number): number => {
    const mixed = value ^ constant;
    constant = Math.imul(constant, FACTOR_A);
    return fold(Math.imul(mixed, constant));
  };
  const pool = Uint32Array.from({ length: poolSize }, (_, at) => hash(entropy[at] ?? 0));
  const mixInto = (at: number, hashed: number): void => {
    pool[at] = fold((Math.imul(MIX_LEFT, pool[at] ?? 0) - Math.imul(MIX_RIGHT, hashed)) | 0);
  };
  for (let from = 0; from < poolSize; from++) {
    for (let to = 0; to < poolSize; to++) if (from !== to) mixInto(to, hash(pool[from] ?? 0));
  }
  for (const word of entropy.slice(poolSize)) {
    for (let to = 0; to < poolSize; to++) mixInto(to, hash(word));
  }
  return pool;
}

function generate(pool: Uint32Array, count: number): Uint32Array {
  let constant = INITIAL_B;
  return Uint32Array.from({ length: count }, (_, at) => {
    const mixed = (pool[at % pool.length] ?? 0) ^ constant;
    constant = Math.imul(constant, FACTOR_B);
    return fold(Math.imul(mixed, constant));
  });
}

/** The high half folded into the low one. */
function fold(value: number): number {
  return (value ^ (value >>> 16)) >>> 0;
}
