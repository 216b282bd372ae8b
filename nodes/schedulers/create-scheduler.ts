import { fail, type Result } from '../problem.ts';
import { cmStochasticIterative } from './cm-stochastic-iterative.ts';
import { cosineDpmSolverMultistep } from './cosine-dpm-solver-multistep.ts';
import { ddim } from './ddim.ts';
import { ddimInverse } from './ddim-inverse.ts';
import { ddpm } from './ddpm.ts';
import type { SchedulerClass, SchedulerRequest } from './define-scheduler.ts';
import { deis } from './deis.ts';
import { dpmSolver2sAncestral } from './dpm-solver-2s-ancestral.ts';
import { dpmSolverMultistep } from './dpm-solver-multistep.ts';
import { dpmSolverSde } from './dpm-solver-sde.ts';
import { dpmSolverSinglestep } from './dpm-solver-singlestep.ts';
import { edmDpmSolverMultistep } from './edm-dpm-solver-multistep.ts';
import { edmEuler } from './edm-euler.ts';
import { euler } from './euler.ts';
import { eulerAncestral } from './euler-ancestral.ts';
import { flowMatchEuler } from './flow-match-euler.ts';
import { flowMatchHeun } from './flow-match-heun.ts';
import { heun } from './heun.ts';
import { ipndm } from './ipndm.ts';
import { ipndmSigma } from './ipndm-sigma.ts';
import { kdpm2 } from './kdpm2.ts';
import { kdpm2Ancestral } from './kdpm2-ancestral.ts';
import { lcm } from './lcm.ts';
import { lms } from './lms.ts';
import { pndm } from './pndm.ts';
import { probeSteps } from './probe-steps.ts';
import { saSolver } from './sa-solver.ts';
import type { Scheduler } from './scheduler.ts';
import { tcd } from './tcd.ts';
import { unclip } from './unclip.ts';
import { uniPc } from './uni-pc.ts';

/** Every class that can sample, under diffusers' names. */
export const SCHEDULER_CLASSES: readonly SchedulerClass[] = [
  ddim,
  ddimInverse,
  ddpm,
  pndm,
  euler,
  eulerAncestral,
  heun,
  lms,
  kdpm2,
  kdpm2Ancestral,
  dpmSolverMultistep,
  dpmSolverSinglestep,
  dpmSolverSde,
  dpmSolver2sAncestral,
  deis,
  uniPc,
  ipndm,
  ipndmSigma,
  lcm,
  tcd,
  cmStochasticIterative,
  unclip,
  saSolver,
  edmEuler,
  edmDpmSolverMultistep,
  cosineDpmSolverMultistep,
  flowMatchEuler,
  flowMatchHeun,
];

/** More steps than any schedule has timesteps for; a bound on the work one config can ask for. */
const MOST_STEPS = 10_000;

/** The class of a name, or a problem that lists what there is. */
export function findSchedulerClass(name: unknown): Result<SchedulerClass> {
  const found = SCHEDULER_CLASSES.find((one) => one.className === name);
  if (found) return { ok: true, value: found };
  const known = SCHEDULER_CLASSES.map((one) => one.className).join(', ');
  const given = typeof name === 'string' ? `"${name.slice(0, 80)}"` : 'missing';
  return fail('scheduler.unknown', `The scheduler's _class_name must be one of ${known}, and is ${given}.`, { path: '_class_name' });
}

/**
 * Sets up the scheduler that a config names, diffusers' keys as they are, for a number of steps. What diffusers refuses, and
 * what it would compute as NaN, is a problem that names the option.
 */
export function createScheduler(
  config: Readonly<Record<string, unknown>>,
  steps: number,
  options: Omit<SchedulerRequest, 'steps'> = {},
): Result<Scheduler> {
  const found = findSchedulerClass(config['_class_name']);
  if (!found.ok) return found;
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > MOST_STEPS) {
    return fail('scheduler.option', `The number of steps must be a whole number from 1 to ${MOST_STEPS}, and is ${steps}.`, {
      path: 'steps',
    });
  }
  const request = { ...options, steps };
  const scheduler = found.value.create(config, request);
  if (!scheduler.ok) return scheduler;
  const { timestep_spacing: spacing, num_train_timesteps: train } = scheduler.value.config;
  if (spacing === 'leading' && steps > Number(train)) {
    return fail('scheduler.option', `With timestep_spacing leading there can be ${train} steps at most, and ${steps} are asked for.`, {
      path: 'steps',
    });
  }
  return probeSteps(scheduler.value, request);
}
