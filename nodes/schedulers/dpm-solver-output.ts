import type { LimitOriginal } from './limit-original.ts';
import { combine } from './linear-combination.ts';
import { noiseFrom, originalFrom } from './predict.ts';
import type { PredictionType } from './scheduler.ts';
import type { Level } from './solver-space.ts';

/** A network's output in both forms that solvers work on. */
export interface Converted {
  readonly original: Float32Array;
  readonly noise: () => Float32Array;
}

/**
 * Reads a network's output at a level. `sigma` is the level's σ itself, which flow prediction uses whatever the noise schedule.
 * With a limit on the original, the noise is what the limited original implies.
 */
export function convertOutput(
  type: PredictionType,
  level: Level,
  sigma: number,
  output: Float32Array,
  sample: Float32Array,
  limit: LimitOriginal | undefined,
): Converted {
  const free = type === 'flow_prediction' ? combine([1, sample], [-sigma, output]) : originalFrom(type, level, output, sample);
  const original = limit ? limit(free) : free;
  return {
    original,
    noise: () =>
      limit || type === 'flow_prediction' ? noiseFrom('sample', level, original, sample) : noiseFrom(type, level, output, sample),
  };
}
