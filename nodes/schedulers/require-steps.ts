import { fail, ok, type Result } from '../problem.ts';

/** Refuses more steps than the training schedule has timesteps, where a class takes whole timesteps from it. */
export function requireStepsInSchedule(
  className: string,
  steps: number,
  options: { readonly num_train_timesteps: number },
): Result<number> {
  if (steps <= options.num_train_timesteps) return ok(steps);
  return fail(
    'scheduler.option',
    `${className} takes at most num_train_timesteps = ${options.num_train_timesteps} steps, and is asked for ${steps}.`,
    { path: 'steps' },
  );
}
