import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createBrownianTree } from './brownian-tree.ts';
import { seedWords } from './seed-sequence.ts';

interface Goldens {
  readonly words: readonly { entropy: string; spawnKey: number[]; poolSize: number; words: number[] }[];
  readonly trees: readonly {
    seed: string;
    from: number;
    to: number;
    count: number;
    asked: { from: number; to: number; increment: number[] }[];
  }[];
}
const goldens: Goldens = JSON.parse(readFileSync(new URL('../../test/golden/brownian-tree.json', import.meta.url), 'utf8'));

describe("numpy's seed sequence", () => {
  it.each(goldens.words)('of $entropy at $spawnKey, pool $poolSize', ({ entropy, spawnKey, poolSize, words }) => {
    expect([...seedWords(BigInt(entropy), spawnKey, poolSize, words.length)]).toEqual(words);
  });
});

/** The largest difference, relative to the root of the time between. */
function distance(got: Float32Array, wanted: readonly number[], time: number): number {
  expect(got).toHaveLength(wanted.length);
  return Math.max(...wanted.map((value, at) => Math.abs(value - got[at]!))) / Math.sqrt(time || 1);
}

describe("torchsde's Brownian tree", () => {
  it.each(goldens.trees)('of seed $seed from $from to $to', ({ seed, from, to, count, asked }) => {
    const tree = createBrownianTree(BigInt(seed), from, to, count);
    for (const one of asked) {
      // 3e-6 is the tolerance of a draw; differences of large increments keep their rounding.
      const tolerance = 3e-6 + 1e-6 * Math.sqrt((to - from) / (one.to - one.from || 1));
      expect(distance(tree.increment(one.from, one.to), one.increment, one.to - one.from)).toBeLessThan(tolerance);
    }
  });

  it('does not depend on what was asked before', () => {
    const fresh = () => createBrownianTree(3n, 0.03, 14.6, 64);
    const used = fresh();
    for (let time = 14; time > 1; time -= 0.1) used.increment(time - 0.1, time);
    expect(used.increment(2.5, 7.25)).toEqual(fresh().increment(2.5, 7.25));
  });

  it('takes times outside for the ends', () => {
    const tree = createBrownianTree(3n, 1, 4, 4);
    expect(tree.increment(0, 9)).toEqual(tree.increment(1, 4));
    expect(tree.increment(0, 0.5)).toEqual(new Float32Array(4));
  });
});
