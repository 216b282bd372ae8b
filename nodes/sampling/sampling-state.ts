import type { TorchGeneratorState } from '../noise/torch-generator.ts';
import type { Scheduler, SchedulerSnapshot } from '../schedulers/scheduler.ts';
import type { BatchGenerator } from './batch-generator.ts';

/** Where a denoising loop was stopped: everything that the next step depends on. Plain data. */
export interface SamplingState {
  /** The next index of the schedule. */
  readonly index: number;
  /** float32 of the latent's shape. */
  readonly latents: Float32Array;
  /** Clean pictures kept so far, float32, one a frame. */
  readonly frames: readonly Float32Array[];
  readonly scheduler: SchedulerSnapshot;
  readonly generators: readonly TorchGeneratorState[];
  /** What was seen of attention; nothing where nobody looks. */
  readonly attention: readonly Float32Array[];
}

/** The state of a loop before `index`. */
export function takeState(
  index: number,
  latents: Float32Array,
  frames: readonly Float32Array[],
  scheduler: Scheduler,
  generator: BatchGenerator,
  attention: readonly Float32Array[] = [],
): SamplingState {
  return { index, latents, frames, scheduler: scheduler.snapshot(), generators: generator.snapshot(), attention };
}

/** A saved state if it is one for a loop over these indices and so many values; it was kept for the very same work. */
export function readState(saved: unknown, begin: number, end: number, values: number): SamplingState | undefined {
  if (typeof saved !== 'object' || saved === null || !('index' in saved) || !('latents' in saved)) return undefined;
  const { index, latents } = saved;
  const fits = typeof index === 'number' && index > begin && index < end && latents instanceof Float32Array && latents.length === values;
  return fits ? (saved as SamplingState) : undefined; // `takeState` made it: nothing else is kept under the sampler's key
}
