/**
 * DPM-Solver and DPM-Solver++ as multistep methods of order one to three, and their SDE variants: Lu et al. 2022 (arXiv
 * 2206.00927 and 2211.01095, algorithm 2).
 */
import { ok } from '../problem.ts';
import { alphasCumulative, withoutZero } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, respacingRows, sigmaRangeRows, spacingRows, thresholdRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { type Converted, toNoise, toOriginal } from './dpm-solver-output.ts';
import { multistepOrder, multistepTerms } from './dpm-solver-steps.ts';
import { stepWeights } from './dpm-solver-weights.ts';
import { limitOriginal } from './limit-original.ts';
import { combine, type Term } from './linear-combination.ts';
import { roundHalfEven } from './linspace.ts';
import { meanOutput, predictsVariance, varianceRows } from './mean-output.ts';
import { choice, flag, integer, number, type OptionValues, refuseTogether } from './option-table.ts';
import {
  clippedLength,
  flowSigmas,
  interpolate,
  logarithms,
  luSigmas,
  noiseLevel,
  noiseLevels,
  respace,
  spacingConflict,
  timestepOf,
} from './sigmas.ts';
import { addLevelNoise, levelsOf } from './solver-space.ts';
import { spaceSolverTimesteps } from './timesteps.ts';

const NAME = 'DPMSolverMultistepScheduler';

const OPTIONS = {
  ...betaRows(0.0001, 0.02, 'linear', COMMON_SCHEDULES),
  ...respacingRows(),
  ...sigmaRangeRows(),
  ...spacingRows('linspace'),
  ...thresholdRows(),
  solver_order: integer(2, 1, 3),
  prediction_type: choice('epsilon', ['epsilon', 'sample', 'v_prediction', 'flow_prediction']),
  algorithm_type: choice('dpmsolver++', ['dpmsolver', 'dpmsolver++', 'sde-dpmsolver', 'sde-dpmsolver++'], { deis: 'dpmsolver++' }),
  solver_type: choice('midpoint', ['midpoint', 'heun'], { logrho: 'midpoint', bh1: 'midpoint', bh2: 'midpoint' }),
  lower_order_final: flag(true),
  euler_at_final: flag(false),
  use_lu_lambdas: flag(false),
  use_flow_sigmas: flag(false),
  flow_shift: number(1),
  final_sigmas_type: choice('zero', ['zero', 'sigma_min']),
  lambda_min_clipped: number(Number.NEGATIVE_INFINITY),
  ...varianceRows(),
  rescale_betas_zero_snr: flag(false),
  use_dynamic_shifting: flag(false),
  time_shift_type: choice('exponential', ['exponential']),
};
type Options = OptionValues<typeof OPTIONS>;

/** diffusers' DPMSolverMultistepScheduler: "DPM++ 2M" is its default, "DPM++ 2M SDE" its `sde-dpmsolver++`. */
export const dpmSolverMultistep = defineScheduler({
  className: NAME,
  options: OPTIONS,
  takesTimesteps: true,
  create(options, { steps, shape, timesteps: given }, memory) {
    const conflict = conflictOf(options);
    if (conflict) return refuseTogether(NAME, 'algorithm_type', conflict);
    const limit = limitOriginal(NAME, options, shape);
    if (!limit.ok) return limit;
    const meanOf = meanOutput(NAME, options, shape);
    if (!meanOf.ok) return meanOf;
    const { timesteps, sigmas } = schedule(options, steps, given);
    const at = levelsOf(sigmas, options.use_flow_sigmas);
    if (
      options.algorithm_type === 'sde-dpmsolver' &&
      timesteps.some((_, index) => multistepOrder(options, index, timesteps.length, index) === 3)
    ) {
      return refuseTogether(NAME, 'solver_order', 'algorithm_type sde-dpmsolver has no third order; take solver_order 1 or 2');
    }
    const limitNoise = options.thresholding ? limit.value : undefined;
    const convert = (output: Float32Array, index: number, sample: Float32Array): Converted => {
      const type = options.prediction_type;
      return options.algorithm_type.endsWith('++') || type === 'flow_prediction'
        ? toOriginal(type, at(index), sigmas[index] ?? Number.NaN, output, sample, limit.value)
        : toNoise(type, at(index), output, sample, limitNoise);
    };
    return ok({
      timesteps,
      sigmas: Array.from(sigmas),
      initNoiseSigma: 1,
      step(modelOutput, index, sample, draw) {
        const mean = meanOf.value(modelOutput);
        const { output, original } = convert(mean, index, sample);
        memory.remember(output.slice(), options.solver_order);
        const order = multistepOrder(options, index, timesteps.length, memory.calls);
        const weights = stepWeights(options.algorithm_type, at(index), at(index + 1));
        const terms = multistepTerms(order, options.solver_type, weights, at, index, memory);
        const noise: readonly Term[] = options.algorithm_type.startsWith('sde') ? [[weights.noise, draw(sample.length)]] : [];
        return { sample: combine([weights.sample, sample], ...terms, ...noise), predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addLevelNoise(original, noise, at(index)),
    });
  },
});

function conflictOf(options: Options): string | undefined {
  const { algorithm_type: algorithm, final_sigmas_type: final } = options;
  if (!algorithm.endsWith('++')) {
    if (final === 'zero') return `algorithm_type ${algorithm} needs final_sigmas_type sigma_min, not zero`;
    if (options.prediction_type === 'flow_prediction') return `algorithm_type ${algorithm} cannot use prediction_type flow_prediction`;
  }
  if (predictsVariance(options) && options.prediction_type !== 'epsilon') return 'variance_type goes with prediction_type epsilon only';
  return spacingConflict(options);
}

function schedule(
  options: Options,
  steps: number,
  given: readonly number[] | undefined,
): { timesteps: readonly number[]; sigmas: Float32Array } {
  const alphas = options.rescale_betas_zero_snr ? withoutZero(alphasCumulative(options)) : alphasCumulative(options);
  const table = noiseLevels(alphas);
  const logTable = logarithms(table);
  const range = { min: options.sigma_min ?? table[0] ?? 0, max: options.sigma_max ?? table.at(-1) ?? 0 };
  // The cosine schedule's timesteps are dense near its noisy end, where rounding would make them repeat.
  const round = options.beta_schedule === 'squaredcos_cap_v2' ? Math.trunc : roundHalfEven;
  let timesteps: readonly number[];
  let sigmas: readonly number[];
  if (options.use_karras_sigmas || options.use_lu_lambdas) {
    sigmas = (options.use_karras_sigmas && respace(options, range, steps)) || luSigmas(logTable, steps);
    timesteps = sigmas.map((sigma) => round(timestepOf(sigma, logTable)));
  } else if (options.use_exponential_sigmas || options.use_beta_sigmas) {
    sigmas = respace(options, range, steps) ?? [];
    timesteps = sigmas.map((sigma) => Math.trunc(timestepOf(sigma, logTable)));
  } else if (options.use_flow_sigmas) {
    sigmas = flowSigmas(options.num_train_timesteps, options.flow_shift, steps);
    timesteps = sigmas.map((sigma) => Math.trunc(sigma * options.num_train_timesteps));
  } else {
    const last = options.num_train_timesteps - clippedLength(alphas, options.lambda_min_clipped);
    timesteps = given ?? spaceSolverTimesteps(options, steps, last);
    sigmas = timesteps.map((timestep) => interpolate(table, timestep));
  }
  const last = options.final_sigmas_type === 'zero' ? 0 : noiseLevel(alphas[0] ?? 0);
  return { timesteps, sigmas: Float32Array.from([...sigmas, last]) };
}
