import { roundHalfEven } from '../schedulers/linspace.ts';
import { seedWords } from './seed-sequence.ts';
import { TorchGenerator } from './torch-generator.ts';

/** torchsde's `pool_size` in k-diffusion's samplers. */
const POOL_SIZE = 24;

/** Its `tol` there: times are known to so many decimals. */
const DECIMALS = 6;

/** Increments kept for the next query, whose path through the tree is nearly the same. */
const MOST_KEPT = 128;

/** A Brownian motion over an interval, determined by its seed alone: asking for other times, or in another order, changes nothing. */
export interface BrownianTree {
  /** W(end) − W(start), float32; times outside the interval are taken for its ends. `start` ≤ `end`. */
  increment(start: number, end: number): Float32Array;
}

interface Interval {
  readonly start: number;
  readonly end: number;
  /** The place in the tree: the root is 0 at depth 0, its children 0 and 1 at depth 1. */
  readonly key: number;
  readonly depth: number;
  readonly parent: Interval | undefined;
}

/**
 * torchsde 0.2's `BrownianInterval` with `halfway_tree`, number by number: halves are drawn from the whole by Brownian bridges
 * (Lévy 1939), each from a seed of its own. `count`: values at each time; `seed` is 0 or more.
 */
export function createBrownianTree(seed: bigint, from: number, to: number, count: number): BrownianTree {
  const randn = (nodeSeed: number): Float32Array => new TorchGenerator(BigInt(nodeSeed)).randn(count);
  const root: Interval = { start: roundTime(from), end: roundTime(to), key: 0, depth: 0, parent: undefined };
  const [rootSeed = 0] = seedWords(seed, [], POOL_SIZE, 1);
  const scale = Math.fround(Math.sqrt(to - from));
  const whole = randn(rootSeed).map((value) => value * scale);
  const kept = new Map<string, Float32Array>();

  const incrementOf = (interval: Interval): Float32Array => {
    const { parent } = interval;
    if (parent === undefined) return whole;
    const name = `${interval.depth} ${interval.key}`;
    const found = kept.get(name);
    if (found !== undefined) return found;
    // The other half is asked for next as a rule, and comes from the same draw.
    const halves = halve(incrementOf(parent), parent);
    for (const [side, half] of halves.entries()) {
      // A Map keeps the order of insertion: the first entry is the oldest.
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '');
      kept.set(`${interval.depth} ${2 * parent.key + side}`, half);
    }
    return halves[interval.key % 2] ?? whole;
  };

  const halve = (increment: Float32Array, interval: Interval): readonly [left: Float32Array, right: Float32Array] => {
    const { start, end, key, depth } = interval;
    const middle = middleOf(interval);
    const [nodeSeed = 0] = seedWords(seed, [key, depth], POOL_SIZE, 1);
    const noise = randn(nodeSeed);
    const perLength = 1 / (end - start);
    const before = Math.fround(middle - start);
    const deviation = Math.fround(Math.sqrt((middle - start) * (end - middle) * perLength));
    const share = Math.fround(perLength);
    const { fround } = Math;
    const left = increment.map((value, at) => fround(fround(before * value) * share) + fround(deviation * (noise[at] ?? 0)));
    return [left, increment.map((value, at) => value - (left[at] ?? 0))];
  };

  /** The fewest intervals of the tree that make up `start` … `end`, in order. */
  const cover = (interval: Interval, start: number, end: number, into: Interval[]): Interval[] => {
    if (start === interval.start && end === interval.end) {
      into.push(interval);
      return into;
    }
    const middle = middleOf(interval);
    const child = (half: { start: number; end: number }, side: number): Interval => ({
      ...half,
      key: 2 * interval.key + side,
      depth: interval.depth + 1,
      parent: interval,
    });
    if (start < middle) cover(child({ start: interval.start, end: middle }, 0), start, Math.min(end, middle), into);
    if (end > middle) cover(child({ start: middle, end: interval.end }, 1), Math.max(start, middle), end, into);
    return into;
  };

  return {
    increment(start, end) {
      const clamp = (time: number): number => Math.min(Math.max(roundTime(time), root.start), root.end);
      const [first, last] = [clamp(start), clamp(end)];
      if (first === last) return new Float32Array(count);
      const [head = whole, ...rest] = cover(root, first, last, []).map(incrementOf);
      return rest.reduce((sum, part) => sum.map((value, at) => value + (part[at] ?? 0)), head);
    },
  };
}

function middleOf({ start, end }: Interval): number {
  return roundTime(0.5 * (end + start));
}

/** Python's `round(time, 6)`: to the nearest, and the even one of two as near. */
function roundTime(time: number): number {
  // Only numbers with at most 7 binary places can lie half-way, and their product is exact.
  const isShort = Number.isInteger(time * 2 ** (DECIMALS + 1));
  return isShort ? roundHalfEven(time * 10 ** DECIMALS) / 10 ** DECIMALS : Number(time.toFixed(DECIMALS));
}
