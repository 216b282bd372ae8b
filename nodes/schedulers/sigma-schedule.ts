import { interpolate, logarithms, type RespacingOptions, respace, timestepOf } from './sigmas.ts';
import { type SpacingOptions, spaceTimesteps } from './timesteps.ts';

/** What decides the noise levels of the k-diffusion samplers. */
export interface SigmaScheduleOptions extends SpacingOptions, RespacingOptions {
  readonly sigma_min: number | null;
  readonly sigma_max: number | null;
}

/** Falling timesteps, fractional and not yet rounded, and their noise levels, in float64. */
export interface SigmaSchedule {
  readonly timesteps: readonly number[];
  readonly sigmas: readonly number[];
}

/**
 * Noise levels at spaced timesteps, or respaced between the ends of those, which then move the timesteps. `levels` is σ of every
 * training timestep; `given` replaces the timesteps, and `spaced` the levels at them.
 */
export function sigmaSchedule(
  options: SigmaScheduleOptions,
  levels: Float32Array,
  steps: number,
  { spaced, given }: { readonly spaced?: readonly number[] | undefined; readonly given?: readonly number[] | undefined } = {},
): SigmaSchedule {
  const timesteps = given ?? spaceTimesteps(options, steps).map(Math.fround);
  const sigmas = spaced ?? timesteps.map((timestep) => interpolate(levels, timestep));
  const range = { min: options.sigma_min ?? sigmas.at(-1) ?? 0, max: options.sigma_max ?? sigmas[0] ?? 0 };
  const respaced = respace(options, range, steps);
  if (!respaced) return { timesteps, sigmas };
  const logTable = logarithms(levels);
  return { timesteps: respaced.map((sigma) => timestepOf(sigma, logTable)), sigmas: respaced };
}
