import type { SchedulerParam } from '../params.ts';
import { fail, ok, type Result } from '../problem.ts';
import { createScheduler } from '../schedulers/create-scheduler.ts';
import { resolveScheduler } from '../schedulers/resolve-scheduler.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import type { ModelValue } from '../socket-values.ts';

/** The parameters of nodes that do one step of a schedule. */
export const SCHEDULE_PARAMS = {
  scheduler: { kind: 'scheduler', title: 'Scheduler', doc: 'The sampling algorithm; “default” is the model’s own.', default: 'default' },
  steps: { kind: 'int', title: 'Steps', doc: 'How many steps the whole schedule has.', default: 20, min: 1, max: 1000 },
  step: {
    kind: 'int',
    title: 'Step',
    doc: 'Which step of the schedule, from 0; wire a Repeat Start’s Index here.',
    default: 0,
    min: 0,
    max: 9999,
  },
} as const;

/** A schedule that begins with one of its steps. `title`: whose sentences they are. */
export function openSchedule(
  title: string,
  model: ModelValue,
  shape: readonly number[],
  { scheduler, steps, step }: { readonly scheduler: SchedulerParam; readonly steps: number; readonly step: number },
): Result<Scheduler> {
  const config = resolveScheduler(scheduler, model.scheduler);
  if (!config.ok) return { ok: false, problem: { ...config.problem, socket: 'scheduler' } };
  const opened = createScheduler(config.value, steps, { shape, ...(step === 0 ? {} : { beginIndex: step }) });
  if (!opened.ok) return { ok: false, problem: { ...opened.problem, socket: 'scheduler' } };
  const calls = opened.value.timesteps.length;
  if (step >= calls) {
    return fail(
      'node.invalidInput',
      `${title}: the schedule has ${calls} steps, numbered from 0, and Step is ${step}. Lower Step, or raise Steps.`,
      {
        socket: 'step',
      },
    );
  }
  return ok(opened.value);
}
