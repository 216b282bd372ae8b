import { combine } from '../schedulers/linear-combination.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';

/** How much of the clean picture and how much noise is in a sample at one level of a schedule. */
interface Level {
  readonly alpha: number;
  readonly sigma: number;
}

/**
 * One step of the forward process (Ho et al. 2020, equation 2, between levels of any schedule): a sample at the level before step
 * `index + 1`, or a clean one after the last step, noised on to the level before step `index`. `noise` is N(0, 1), float32.
 */
export function stepForward(scheduler: Scheduler, index: number, sample: Float32Array, noise: Float32Array): Float32Array {
  const [to, from] = [levelAt(scheduler, index), levelAt(scheduler, index + 1)];
  const kept = to.alpha / from.alpha;
  // Between calls of one step, which share a level, nothing is added.
  const added = Math.sqrt(Math.max(0, to.sigma ** 2 - (kept * from.sigma) ** 2));
  return combine([kept, sample], [added, noise]);
}

/** A level as the scheduler itself mixes it. */
function levelAt(scheduler: Scheduler, index: number): Level {
  if (index >= scheduler.timesteps.length) return { alpha: 1, sigma: 0 };
  const [one, zero] = [Float32Array.of(1), Float32Array.of(0)];
  return { alpha: scheduler.addNoise(one, zero, index)[0] ?? 0, sigma: scheduler.addNoise(zero, one, index)[0] ?? 0 };
}
