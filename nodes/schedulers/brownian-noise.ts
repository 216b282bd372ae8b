import { type BrownianTree, createBrownianTree } from '../noise/brownian-tree.ts';
import { squareRoot, subtract } from './float32.ts';
import type { StepOptions } from './scheduler.ts';

/** The noise levels between which a sampler's noise is one Brownian path, and the seed of the path where its config has one. */
export interface BrownianRange {
  readonly min: number;
  readonly max: number;
  readonly seed: bigint | null;
}

/**
 * k-diffusion's `BrownianTreeNoiseSampler`: increments of one path for the whole batch, or of one a picture where there are as many
 * seeds. `seeds` count where the config has none; `count`: values of the whole batch.
 */
export function createBrownianNoise(
  { min, max, seed }: BrownianRange,
  seeds: readonly bigint[],
  count: number,
): NonNullable<StepOptions['brownian']> {
  const own = seed === null ? seeds : [seed];
  const share = count / own.length;
  const trees: BrownianTree[] = own.map((one) => createBrownianTree(one, Math.fround(min), Math.fround(max), share));
  return (from, to) => {
    const noise = new Float32Array(count);
    const [start, end] = from < to ? [from, to] : [to, from];
    // A path that is walked backwards comes down by what it went up.
    const scale = (from < to ? 1 : -1) / squareRoot(Math.abs(subtract(to, from)));
    for (const [index, tree] of trees.entries()) {
      noise.set(
        tree.increment(start, end).map((value) => value * scale),
        index * share,
      );
    }
    return noise;
  };
}
