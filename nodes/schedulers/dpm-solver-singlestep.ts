/**
 * DPM-Solver and DPM-Solver++ as singlestep methods: blocks of one to three calls that start over from the sample at their
 * beginning. Lu et al. 2022 (arXiv 2206.00927, algorithms 1 and 2; arXiv 2211.01095, algorithm 1).
 */
import { ok } from '../problem.ts';
import { alphasCumulative } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, respacingRows, sigmaRangeRows, thresholdRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { type Converted, toNoise, toOriginal } from './dpm-solver-output.ts';
import { type StepWeights, stepWeights } from './dpm-solver-weights.ts';
import { divide, subtract } from './float32.ts';
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
  noiseLevel,
  noiseLevels,
  respace,
  spacingConflict,
  timestepOf,
} from './sigmas.ts';
import type { SolverMemory } from './solver-memory.ts';
import { addLevelNoise, type Level, levelsOf } from './solver-space.ts';
import { spaceSolverTimesteps } from './timesteps.ts';

const NAME = 'DPMSolverSinglestepScheduler';

const OPTIONS = {
  ...betaRows(0.0001, 0.02, 'linear', COMMON_SCHEDULES),
  ...respacingRows(),
  ...sigmaRangeRows(),
  ...thresholdRows(),
  solver_order: integer(2, 1, 3),
  prediction_type: choice('epsilon', ['epsilon', 'sample', 'v_prediction', 'flow_prediction']),
  algorithm_type: choice('dpmsolver++', ['dpmsolver', 'dpmsolver++', 'sde-dpmsolver++'], { deis: 'dpmsolver++' }),
  solver_type: choice('midpoint', ['midpoint', 'heun'], { logrho: 'midpoint', bh1: 'midpoint', bh2: 'midpoint' }),
  lower_order_final: flag(false),
  use_flow_sigmas: flag(false),
  flow_shift: number(1),
  final_sigmas_type: choice('zero', ['zero', 'sigma_min']),
  lambda_min_clipped: number(Number.NEGATIVE_INFINITY),
  ...varianceRows(),
  use_dynamic_shifting: flag(false),
  time_shift_type: choice('exponential', ['exponential']),
};
type Options = OptionValues<typeof OPTIONS>;

/** diffusers' DPMSolverSinglestepScheduler: "DPM++ 2S" by default. */
export const dpmSolverSinglestep = defineScheduler({
  className: NAME,
  options: OPTIONS,
  // diffusers turns it on as it sets timesteps, also where blocks do not divide these (`orderList`).
  settle: (options) => (options.final_sigmas_type === 'zero' ? { ...options, lower_order_final: true } : options),
  create(options, { steps, shape }, memory) {
    const conflict = conflictOf(options);
    if (conflict) return refuseTogether(NAME, 'algorithm_type', conflict);
    const limit = limitOriginal(NAME, options, shape);
    if (!limit.ok) return limit;
    const meanOf = meanOutput(NAME, options, shape);
    if (!meanOf.ok) return meanOf;
    const { timesteps, sigmas } = schedule(options, steps);
    const orders = orderList(options, steps);
    const at = levelsOf(sigmas, options.use_flow_sigmas);
    const convert = (output: Float32Array, index: number, sample: Float32Array): Converted => {
      const type = options.prediction_type;
      return options.algorithm_type === 'dpmsolver' && type !== 'flow_prediction'
        ? toNoise(type, at(index), output, sample, undefined)
        : toOriginal(type, at(index), sigmas[index] ?? Number.NaN, output, sample, limit.value);
    };
    return ok({
      timesteps,
      sigmas: Array.from(sigmas),
      initNoiseSigma: 1,
      step(modelOutput, index, sample, draw) {
        const { output, original } = convert(meanOf.value(modelOutput), index, sample);
        memory.remember(output.slice(), options.solver_order);
        // Started in the middle of a block, as image-to-image may, the outputs before are missing.
        const order = Math.min(orders[index] ?? 1, memory.outputs.length);
        const start = order === 1 ? sample : (memory.sample ?? sample);
        memory.sample = start;
        const weights = stepWeights(options.algorithm_type, at(index - order + 1), at(index + 1));
        const terms = outputTerms(order, options.solver_type, weights, at, index, memory);
        const noise: readonly Term[] = options.algorithm_type.startsWith('sde') ? [[weights.noise, draw(sample.length)]] : [];
        return { sample: combine([weights.sample, start], ...terms, ...noise), predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addLevelNoise(original, noise, at(index)),
    });
  },
});

function conflictOf(options: Options): string | undefined {
  if (options.algorithm_type === 'dpmsolver') {
    if (options.final_sigmas_type === 'zero') return 'algorithm_type dpmsolver needs final_sigmas_type sigma_min, not zero';
    if (options.prediction_type === 'flow_prediction') return 'algorithm_type dpmsolver cannot use prediction_type flow_prediction';
    if (options.thresholding) return 'algorithm_type dpmsolver cannot use thresholding';
  }
  if (predictsVariance(options) && options.prediction_type !== 'epsilon') return 'variance_type goes with prediction_type epsilon only';
  return spacingConflict(options);
}

function schedule(options: Options, steps: number): { timesteps: readonly number[]; sigmas: Float32Array } {
  const alphas = alphasCumulative(options);
  const table = noiseLevels(alphas);
  const train = options.num_train_timesteps;
  const range = { min: options.sigma_min ?? table[0] ?? 0, max: options.sigma_max ?? table.at(-1) ?? 0 };
  let sigmas = respace(options, range, steps);
  let timesteps: readonly number[];
  if (sigmas) {
    const round = options.use_karras_sigmas ? roundHalfEven : Math.trunc;
    const logTable = logarithms(table);
    timesteps = sigmas.map((sigma) => round(timestepOf(sigma, logTable)));
  } else if (options.use_flow_sigmas) {
    sigmas = flowSigmas(train, options.flow_shift, steps);
    timesteps = sigmas.map((sigma) => Math.trunc(sigma * train));
  } else {
    const spacing = { num_train_timesteps: train, timestep_spacing: 'linspace', steps_offset: 0 } as const;
    timesteps = spaceSolverTimesteps(spacing, steps, train - clippedLength(alphas, options.lambda_min_clipped));
    sigmas = timesteps.map((timestep) => interpolate(table, timestep));
  }
  const last = options.final_sigmas_type === 'zero' ? 0 : noiseLevel(alphas[0] ?? 0);
  return { timesteps, sigmas: Float32Array.from([...sigmas, last]) };
}

/** The order of every call: blocks 1, 2 … of the solver's order, shorter ones where they do not divide the steps or must not end high. */
function orderList(options: Options, steps: number): number[] {
  const order = options.solver_order;
  const block = Array.from({ length: order }, (_, i) => i + 1);
  const zero = options.final_sigmas_type === 'zero';
  const lowerFinal = options.lower_order_final || steps % order !== 0 || zero;
  const repeat = (blocks: number): number[] => Array.from({ length: blocks }, () => block).flat();
  const whole = Math.floor(steps / order);
  const rest = steps % order;
  let orders: number[];
  if (!lowerFinal || order === 1) orders = repeat(whole);
  else if (rest > 0) orders = [...repeat(whole), ...block.slice(0, rest)];
  else orders = [...repeat(whole - 1), ...(order === 3 ? [1, 2, 1] : [1, 1])];
  if (zero) orders[orders.length - 1] = 1;
  return orders;
}

/** D0, D1 and D2 of a block's outputs, times their weights; differences are taken from the block's start. */
function outputTerms(
  order: number,
  type: Options['solver_type'],
  weights: StepWeights,
  at: (index: number) => Level,
  index: number,
  memory: SolverMemory,
): readonly Term[] {
  const begin = at(index - order + 1).lambda;
  const h = subtract(at(index + 1).lambda, begin);
  const newest = memory.output(0);
  if (order === 1) return [[weights.zeroth, newest]];
  const r0 = divide(subtract(at(index).lambda, begin), h);
  const far = divide(1, r0);
  if (order === 2) {
    const slope = (type === 'midpoint' ? weights.midpointSlope : weights.slope) * far;
    return [
      [slope, newest],
      [weights.zeroth - slope, memory.output(1)],
    ];
  }
  const r1 = divide(subtract(at(index - 1).lambda, begin), h);
  const near = divide(1, r1);
  // Midpoint uses the difference to the newest output alone; Heun both, as D1 and D2 of the parabola through all three.
  const gap = subtract(r0, r1);
  const onFar = type === 'midpoint' ? weights.slope * far : ((-weights.slope * r1 + 2 * weights.curve) / gap) * far;
  const onNear = type === 'midpoint' ? 0 : ((weights.slope * r0 - 2 * weights.curve) / gap) * near;
  return [
    [onFar, newest],
    [onNear, memory.output(1)],
    [weights.zeroth - onFar - onNear, memory.output(2)],
  ];
}
