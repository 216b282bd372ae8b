import { alphasCumulative, type BetaOptions } from './betas.ts';
import { roundHalfEven } from './linspace.ts';
import { clippedLength, flowSigmas, interpolate, logarithms, noiseLevels, type RespacingOptions, respace, timestepOf } from './sigmas.ts';
import { type SpacingOptions, spaceSolverTimesteps } from './timesteps.ts';

/** What a schedule is made of whose solver cannot reach σ = 0. */
export interface RepeatedEndOptions extends BetaOptions, RespacingOptions, SpacingOptions {
  readonly sigma_min: number | null;
  readonly sigma_max: number | null;
  readonly use_flow_sigmas: boolean;
  readonly flow_shift: number;
  readonly lambda_min_clipped?: number;
}

/** Timesteps and one level more than steps: the last is repeated, or is the schedule's lowest where nothing is respaced. */
export function repeatedEndSchedule(options: RepeatedEndOptions, steps: number): { timesteps: readonly number[]; sigmas: Float32Array } {
  const { num_train_timesteps: train, lambda_min_clipped: bound = Number.NEGATIVE_INFINITY } = options;
  const alphas = alphasCumulative(options);
  const table = noiseLevels(alphas);
  const range = { min: options.sigma_min ?? table[0] ?? 0, max: options.sigma_max ?? table.at(-1) ?? 0 };
  const respaced = respace(options, range, steps);
  if (respaced) {
    const round = options.use_karras_sigmas ? roundHalfEven : Math.trunc;
    const logTable = logarithms(table);
    const timesteps = respaced.map((sigma) => round(timestepOf(sigma, logTable)));
    return { timesteps, sigmas: Float32Array.from([...respaced, respaced.at(-1) ?? 0]) };
  }
  if (options.use_flow_sigmas) {
    const sigmas = flowSigmas(train, options.flow_shift, steps);
    const timesteps = sigmas.map((sigma) => Math.trunc(sigma * train));
    return { timesteps, sigmas: Float32Array.from([...sigmas, sigmas.at(-1) ?? 0]) };
  }
  const timesteps = spaceSolverTimesteps(options, steps, train - clippedLength(alphas, bound));
  return { timesteps, sigmas: Float32Array.from([...timesteps.map((timestep) => interpolate(table, timestep)), table[0] ?? 0]) };
}
