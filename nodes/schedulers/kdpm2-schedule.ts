import { alphasCumulative, type BetaOptions } from './betas.ts';
import { roundHalfEven } from './linspace.ts';
import { type SigmaScheduleOptions, sigmaSchedule } from './sigma-schedule.ts';
import { logarithms, noiseLevels, timestepOf } from './sigmas.ts';

/** A schedule of steps that each stop half-way. */
export interface MidpointSchedule {
  /** One a call: start, half-way, start, half-way … start. */
  readonly timesteps: readonly number[];
  /** σ at the start of each step, and 0 at the end. */
  readonly levels: Float32Array;
  /** σ at the start of a step; NaN beyond the last. */
  levelAt(step: number): number;
  /** σ half-way through a step; 0 in the last, which has no second call. */
  middleAt(step: number): number;
  /** σ of a call: a level in even ones, a middle in odd ones. */
  sigmaAt(call: number): number;
}

/**
 * DPM-Solver-2's schedule (Lu et al. 2022, algorithm 1). `middle` says where half-way lies between neighbouring levels, `rounded`
 * whether steps start at whole timesteps, as they do in diffusers' KDPM2 classes under Karras spacing.
 */
export function midpointSchedule(
  options: SigmaScheduleOptions & BetaOptions,
  steps: number,
  middle: (from: number, to: number) => number,
  rounded = options.use_karras_sigmas,
): MidpointSchedule {
  const table = noiseLevels(alphasCumulative(options));
  const schedule = sigmaSchedule(options, table, steps);
  const levels = Float32Array.from([...schedule.sigmas, 0]);
  const middles = levels.subarray(0, -1).map((level, i) => (i === steps - 1 ? 0 : middle(level, levels[i + 1] ?? 0)));
  const logTable = logarithms(table);
  const whole = rounded ? schedule.timesteps.map(roundHalfEven) : schedule.timesteps;
  const timesteps = whole.flatMap((timestep, i) =>
    i === whole.length - 1 ? [timestep] : [timestep, timestepOf(middles[i] ?? Number.NaN, logTable)],
  );
  const levelAt = (step: number): number => levels[step] ?? Number.NaN;
  const middleAt = (step: number): number => middles[step] ?? Number.NaN;
  return { timesteps, levels, levelAt, middleAt, sigmaAt: (call) => (call % 2 === 0 ? levelAt(call >> 1) : middleAt(call >> 1)) };
}

/** The levels as diffusers lists them, one a call and two more at the end. */
export function doubledLevels(levels: Float32Array): number[] {
  const [first = 0, ...later] = levels;
  return [first, ...later.flatMap((level) => [level, level]), later.at(-1) ?? 0];
}
