import { TorchGenerator } from '../nodes/noise/torch-generator.ts';
import type { Scheduler, StepOptions } from '../nodes/schedulers/scheduler.ts';

/** How a recorded run went. */
export interface FormulaRun {
  /** float32, the first sample before the scheduler's own factor. */
  readonly noise: Float32Array;
  /** The steps' draws come from a generator of their own. */
  readonly drawSeed: bigint;
  readonly batch: number;
  readonly beginIndex?: number;
  readonly stepOptions?: StepOptions;
  /** The Brownian increments of every call in turn, where they were recorded. */
  readonly brownian?: Float32Array | undefined;
}

/** What happened: every state from the start on, and every predicted original. */
export interface FormulaResult {
  readonly states: readonly Float32Array[];
  readonly originals: readonly Float32Array[];
}

/**
 * Runs a scheduler against a formula in place of a network, as the recorded cases did in diffusers:
 * `tanh(0.9 x) + 0.1 t / 1000` of the scaled input, `tanh(0.5 x)` appended as further channels where a variance is learned.
 */
export function runSchedulerFormula(scheduler: Scheduler, run: FormulaRun): FormulaResult {
  const generator = new TorchGenerator(run.drawSeed);
  const learned = ['learned', 'learned_range'].includes(String(scheduler.config['variance_type']));
  let sample = run.noise.map((value) => value * scheduler.initNoiseSigma);
  const states = [sample];
  let increments = 0;
  const recorded = run.brownian;
  const stepOptions: StepOptions = {
    ...run.stepOptions,
    ...(recorded && {
      brownian: (_from: number, _to: number, count: number) => recorded.subarray(count * increments, count * ++increments),
    }),
  };
  const originals: Float32Array[] = [];
  for (let index = run.beginIndex ?? 0; index < scheduler.timesteps.length; index++) {
    const input = scheduler.scaleModelInput(sample, index);
    const timestep = scheduler.timesteps[index]!;
    const mean = input.map((value) => Math.tanh(0.9 * value) + (0.1 * timestep) / 1000);
    const output = learned
      ? appendChannels(
          mean,
          input.map((value) => Math.tanh(0.5 * value)),
          run.batch,
        )
      : mean;
    const result = scheduler.step(output, index, sample, (count) => generator.randn(count), stepOptions);
    sample = result.sample as typeof sample;
    states.push(sample);
    originals.push(result.predictedOriginal);
  }
  return { states, originals };
}

function appendChannels(first: Float32Array, second: Float32Array, batch: number): Float32Array {
  const size = first.length / batch;
  const joined = new Float32Array(2 * first.length);
  for (let row = 0; row < batch; row++) {
    joined.set(first.subarray(row * size, (row + 1) * size), 2 * row * size);
    joined.set(second.subarray(row * size, (row + 1) * size), (2 * row + 1) * size);
  }
  return joined;
}
