import { fail, type Result } from '../problem.ts';
import { ddim } from './ddim.ts';
import type { SchedulerClass, SchedulerRequest } from './define-scheduler.ts';
import { dpmSolverMultistep } from './dpm-solver-multistep.ts';
import { euler } from './euler.ts';
import { eulerAncestral } from './euler-ancestral.ts';
import { lcm } from './lcm.ts';
import { pndm } from './pndm.ts';
import type { Scheduler } from './scheduler.ts';
import { uniPc } from './uni-pc.ts';

/** Every class that can sample, under diffusers' names. */
export const SCHEDULER_CLASSES: readonly SchedulerClass[] = [ddim, pndm, euler, eulerAncestral, dpmSolverMultistep, uniPc, lcm];

/** The class of a name, or a problem that lists what there is. */
export function findSchedulerClass(name: unknown): Result<SchedulerClass> {
  const found = SCHEDULER_CLASSES.find((one) => one.className === name);
  if (found) return { ok: true, value: found };
  const known = SCHEDULER_CLASSES.map((one) => one.className).join(', ');
  const given = typeof name === 'string' ? `"${name.slice(0, 80)}"` : 'missing';
  return fail('scheduler.unknown', `The scheduler's _class_name must be one of ${known}, and is ${given}.`, { path: '_class_name' });
}

/** Sets up the scheduler a config names for a number of steps; `shape` is the sample's, batch first. */
export function createScheduler(
  config: Readonly<Record<string, unknown>>,
  steps: number,
  options: Omit<SchedulerRequest, 'steps'> = {},
): Result<Scheduler> {
  const found = findSchedulerClass(config['_class_name']);
  if (!found.ok) return found;
  if (!Number.isSafeInteger(steps) || steps < 1) {
    return fail('scheduler.option', `The number of steps must be a whole number from 1, and is ${steps}.`, { path: 'steps' });
  }
  return found.value.create(config, { steps, ...options });
}
