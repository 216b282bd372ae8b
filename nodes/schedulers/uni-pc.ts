/**
 * UniPC, a predictor and a corrector of any order that share their network call: Zhao et al. 2023 (arXiv 2302.04867),
 * algorithms 1 to 4.
 */
import { ok } from '../problem.ts';
import { alphasCumulative, withoutZero } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, respacingRows, sigmaRangeRows, spacingRows, thresholdRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { type Converted, toNoise, toOriginal } from './dpm-solver-output.ts';
import { limitOriginal } from './limit-original.ts';
import { combine, type Term } from './linear-combination.ts';
import { linspace, roundHalfEven } from './linspace.ts';
import { choice, empty, flag, integer, integers, number, type OptionValues, optionalNumber, refuseTogether } from './option-table.ts';
import { interpolate, logarithms, noiseLevels, respace, spacingConflict, timestepOf } from './sigmas.ts';
import { addLevelNoise, type Level, levelsOf } from './solver-space.ts';
import { spaceSolverTimesteps } from './timesteps.ts';
import { correctorWeights, predictorWeights, type UniPcWeights } from './uni-pc-weights.ts';

const NAME = 'UniPCMultistepScheduler';

const OPTIONS = {
  ...betaRows(0.0001, 0.02, 'linear', COMMON_SCHEDULES),
  ...respacingRows(),
  ...sigmaRangeRows(),
  ...spacingRows('linspace'),
  ...thresholdRows(),
  solver_order: integer(2, 1, 10),
  prediction_type: choice('epsilon', ['epsilon', 'sample', 'v_prediction', 'flow_prediction']),
  predict_x0: flag(true),
  solver_type: choice('bh2', ['bh1', 'bh2'], { midpoint: 'bh2', heun: 'bh2', logrho: 'bh2' }),
  lower_order_final: flag(true),
  disable_corrector: integers(),
  solver_p: empty(),
  use_flow_sigmas: flag(false),
  flow_shift: number(1),
  final_sigmas_type: choice('zero', ['zero', 'sigma_min']),
  rescale_betas_zero_snr: flag(false),
  use_dynamic_shifting: flag(false),
  time_shift_type: choice('exponential', ['exponential', 'linear']),
  shift_terminal: optionalNumber(),
};
type Options = OptionValues<typeof OPTIONS>;

/** diffusers' UniPCMultistepScheduler. */
export const uniPc = defineScheduler({
  className: NAME,
  options: OPTIONS,
  create(options, { steps, shape }, memory) {
    const conflict = conflictOf(options);
    if (conflict) return refuseTogether(NAME, 'solver_type', conflict);
    const limit = limitOriginal(NAME, options, shape);
    if (!limit.ok) return limit;
    const { timesteps, sigmas } = schedule(options, steps);
    const at = levelsOf(sigmas, options.use_flow_sigmas);
    const orderAt = (index: number, calls: number): number => {
      const most = options.lower_order_final ? Math.min(options.solver_order, timesteps.length - index) : options.solver_order;
      return Math.min(most, calls + 1);
    };
    const convert = (output: Float32Array, index: number, sample: Float32Array): Converted => {
      const type = options.prediction_type;
      // diffusers limits originals only: in the noise form thresholding has no effect here.
      return options.predict_x0 || type === 'flow_prediction'
        ? toOriginal(type, at(index), sigmas[index] ?? Number.NaN, output, sample, limit.value)
        : toNoise(type, at(index), output, sample, undefined);
    };
    const history = (index: number, order: number): Level[] => Array.from({ length: order - 1 }, (_, i) => at(index - 1 - i));
    return ok({
      timesteps,
      sigmas: Array.from(sigmas),
      initNoiseSigma: 1,
      step(modelOutput, index, sample) {
        const converted = convert(modelOutput, index, sample);
        const output = converted.output.slice();
        let current = sample;
        const last = memory.sample;
        if (last && index > 0 && !options.disable_corrector.includes(index - 1)) {
          const order = orderAt(index - 1, memory.calls - 1);
          const weights = correctorWeights(options, at(index - 1), at(index), history(index - 1, order));
          const outputs = memory.outputs.slice(-order).reverse();
          current = combine([weights.sample, last], ...outputTerms(weights, outputs), [weights.next, output]);
        }
        memory.remember(output, options.solver_order);
        memory.sample = current;
        const order = orderAt(index, memory.calls);
        const weights = predictorWeights(options, at(index), at(index + 1), history(index, order));
        const outputs = memory.outputs.slice(-order).reverse();
        return { sample: combine([weights.sample, current], ...outputTerms(weights, outputs)), predictedOriginal: converted.original };
      },
      addNoise: (original, noise, index) => addLevelNoise(original, noise, at(index)),
    });
  },
});

function outputTerms(weights: UniPcWeights, outputs: readonly Float32Array[]): Term[] {
  return outputs.map((output, age) => [weights.outputs[age] ?? Number.NaN, output]);
}

function conflictOf(options: Options): string | undefined {
  if (!options.predict_x0 && options.prediction_type === 'flow_prediction') return 'prediction_type flow_prediction needs predict_x0';
  if (options.shift_terminal !== null && !options.use_flow_sigmas) return 'shift_terminal needs use_flow_sigmas';
  if (options.final_sigmas_type === 'zero' && !options.use_flow_sigmas && (options.solver_type === 'bh1' || !options.predict_x0)) {
    return 'solver_type bh1 and predict_x0 false divide by zero on the way to final_sigmas_type zero; take sigma_min';
  }
  if (options.use_dynamic_shifting) return 'use_dynamic_shifting needs a shift for each picture size, which these models do not have';
  return spacingConflict(options);
}

function schedule(options: Options, steps: number): { timesteps: readonly number[]; sigmas: Float32Array } {
  const alphas = options.rescale_betas_zero_snr ? withoutZero(alphasCumulative(options)) : alphasCumulative(options);
  const table = noiseLevels(alphas);
  const logTable = logarithms(table);
  const train = options.num_train_timesteps;
  const range = { min: options.sigma_min ?? table[0] ?? 0, max: options.sigma_max ?? table.at(-1) ?? 0 };
  let sigmas = respace(options, range, steps);
  let timesteps: readonly number[];
  let lowest: number | undefined;
  if (sigmas && options.use_karras_sigmas && options.use_flow_sigmas) {
    sigmas = sigmas.map((sigma) => sigma / (sigma + 1));
    timesteps = sigmas.map((sigma) => Math.trunc(sigma * train));
  } else if (sigmas) {
    const round = options.use_karras_sigmas ? roundHalfEven : Math.trunc;
    timesteps = sigmas.map((sigma) => round(timestepOf(sigma, logTable)));
  } else if (options.use_flow_sigmas) {
    sigmas = shiftedFlowSigmas(options, steps);
    timesteps = sigmas.map((sigma) => Math.trunc(sigma * train));
  } else {
    timesteps = spaceSolverTimesteps(options, steps, train);
    sigmas = timesteps.map((timestep) => interpolate(table, timestep));
    lowest = table[0];
  }
  const last = options.final_sigmas_type === 'zero' ? 0 : (lowest ?? sigmas.at(-1) ?? 0);
  return { timesteps, sigmas: Float32Array.from([...sigmas, last]) };
}

/** Flow matching's levels, shifted, and optionally stretched to end at a given level (LTX-Video). */
function shiftedFlowSigmas(options: Options, steps: number): number[] {
  const shift = options.flow_shift;
  let sigmas = linspace(1, 1 / options.num_train_timesteps, steps + 1)
    .slice(0, -1)
    .map((sigma) => (shift * sigma) / (1 + (shift - 1) * sigma));
  if (options.shift_terminal) {
    const scale = (1 - (sigmas.at(-1) ?? 0)) / (1 - options.shift_terminal);
    sigmas = sigmas.map((sigma) => 1 - (1 - sigma) / scale);
  }
  // At a level of exactly 1 there is no signal, whose logarithm would be infinite.
  const [first = 0, ...rest] = sigmas;
  return [Math.abs(first - 1) < 1e-6 ? first - 1e-6 : first, ...rest];
}
