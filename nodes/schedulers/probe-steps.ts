import { fail, ok, type Result } from '../problem.ts';
import type { SchedulerRequest } from './define-scheduler.ts';
import type { Scheduler } from './scheduler.ts';

/** What was last walked to its end: most runs differ from the one before by their seed, and walking takes longer than a step. */
let lastSound: string | undefined;

/**
 * Walks the schedule once with one value a channel. Some options that are fine apart divide by zero together, and there diffusers
 * goes on to a picture of NaN; this refuses them before a network has run.
 */
export function probeSteps(scheduler: Scheduler, request: SchedulerRequest): Result<Scheduler> {
  const schedule = JSON.stringify([scheduler.config, request]);
  if (schedule === lastSound) return ok(scheduler);
  const { shape, beginIndex = 0 } = request;
  const values = (shape?.[0] ?? 1) * (shape?.[1] ?? 1);
  const outputs = scheduler.config['variance_type']?.toString().startsWith('learned') ? 2 * values : values;
  const before = scheduler.snapshot();
  let sample = new Float32Array(values).fill(0.7 * scheduler.initNoiseSigma);
  for (let index = beginIndex; index < scheduler.timesteps.length; index++) {
    const output = new Float32Array(outputs).fill(0.3);
    sample = scheduler.step(output, index, sample, (count) => new Float32Array(count).fill(0.5)).sample as typeof sample;
    if (!sample.every(Number.isFinite)) return refuse(scheduler, index);
  }
  scheduler.restore(before);
  lastSound = schedule;
  return ok(scheduler);
}

function refuse(scheduler: Scheduler, index: number): Result<never> {
  const count = scheduler.timesteps.length;
  const reason =
    scheduler.config['rescale_betas_zero_snr'] === true && index === 0
      ? 'with rescale_betas_zero_snr the first timestep is pure noise, which needs prediction_type v_prediction or sample'
      : index === count - 1
        ? 'the last step goes to a noise level that this solver cannot reach; try final_sigmas_type or lower_order_final'
        : 'neighbouring noise levels are equal or out of range; take fewer steps or check the betas and sigmas';
  return fail(
    'scheduler.option',
    `${scheduler.className} with these options divides by zero in call ${index + 1} of ${count} (so it does in diffusers): ${reason}.`,
  );
}
