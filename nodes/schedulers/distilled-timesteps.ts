import { ok, type Result } from '../problem.ts';
import { refuseTogether } from './option-table.ts';
import { requireStepsInSchedule } from './require-steps.ts';

/** Options of classes that sample models distilled on a coarser schedule. */
export interface DistilledOptions {
  readonly num_train_timesteps: number;
  readonly original_inference_steps: number;
}

/** An even choice, from the noisy end, of the timesteps that a consistency model was distilled on. */
export function distilledTimesteps(className: string, options: DistilledOptions, steps: number): Result<readonly number[]> {
  const { num_train_timesteps: train, original_inference_steps: original } = options;
  const allowed = requireStepsInSchedule(className, steps, options);
  if (!allowed.ok) return allowed;
  if (original > train) {
    return refuseTogether(
      className,
      'original_inference_steps',
      `original_inference_steps must be at most num_train_timesteps = ${train}, and is ${original}`,
    );
  }
  if (steps > original) {
    return refuseTogether(
      className,
      'original_inference_steps',
      `the model was distilled on original_inference_steps = ${original} timesteps, so there can be 1 to ${original} steps, not ${steps}`,
    );
  }
  const stride = Math.floor(train / original);
  const step = original / steps;
  return ok(Array.from({ length: steps }, (_, i) => (original - Math.floor(i * step)) * stride - 1));
}
