import type { LimitOriginal } from './limit-original.ts';
import { combine } from './linear-combination.ts';
import { noiseFrom, originalFrom } from './predict.ts';
import type { PredictionType } from './scheduler.ts';
import type { Level } from './solver-space.ts';

/** What a solver works on, and the clean sample for previews. */
export interface Converted {
  readonly output: Float32Array;
  readonly original: Float32Array;
}

/**
 * A network's output as the predicted original. `sigma` is the level's σ itself, which flow prediction uses whatever the noise
 * schedule.
 */
export function toOriginal(
  type: PredictionType,
  level: Level,
  sigma: number,
  output: Float32Array,
  sample: Float32Array,
  limit: LimitOriginal,
): Converted {
  const free = type === 'flow_prediction' ? combine([1, sample], [-sigma, output]) : originalFrom(type, level, output, sample);
  const original = limit(free);
  return { output: original, original };
}

/** A network's output as the predicted noise; where originals are limited, the noise is what the limited one implies. */
export function toNoise(
  type: Exclude<PredictionType, 'flow_prediction'>,
  level: Level,
  output: Float32Array,
  sample: Float32Array,
  limit: LimitOriginal | undefined,
): Converted {
  const noise = noiseFrom(type, level, output, sample);
  // Not taken from the output directly: on flow matching's straight line a velocity's two forms disagree.
  const original = originalFrom('epsilon', level, noise, sample);
  if (!limit) return { output: noise, original };
  const limited = limit(original);
  return { output: noiseFrom('sample', level, limited, sample), original: limited };
}
