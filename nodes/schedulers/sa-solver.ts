/**
 * SA-Solver, a stochastic Adams predictor and corrector: Xue et al. 2023 (arXiv 2309.05019), algorithm 1. Between timesteps 200 and 800
 * it samples the SDE (τ = 1), elsewhere the ODE (τ = 0), which is diffusers' default `tau_func`.
 */
import { ok } from '../problem.ts';
import { alphaTable } from './alpha-table.ts';
import { alphasCumulative } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, respacingRows, sigmaRangeRows, spacingRows, thresholdRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { type Converted, toNoise, toOriginal } from './dpm-solver-output.ts';
import { limitOriginal } from './limit-original.ts';
import { combine, type Term } from './linear-combination.ts';
import { meanOutput, predictsVariance, varianceRows } from './mean-output.ts';
import { choice, empty, flag, integer, number, type OptionValues, refuseTogether } from './option-table.ts';
import { repeatedEndSchedule } from './repeated-end-schedule.ts';
import { type AdamsWeights, adamsWeights } from './sa-solver-weights.ts';
import { spacingConflict } from './sigmas.ts';
import { levelsOf } from './solver-space.ts';

const NAME = 'SASolverScheduler';

const OPTIONS = {
  ...betaRows(0.0001, 0.02, 'linear', COMMON_SCHEDULES),
  ...respacingRows(),
  ...sigmaRangeRows(),
  ...spacingRows('linspace'),
  ...thresholdRows(),
  predictor_order: integer(2, 1, 4),
  corrector_order: integer(2, 1, 4),
  prediction_type: choice('epsilon', ['epsilon', 'sample', 'v_prediction', 'flow_prediction']),
  tau_func: empty(),
  algorithm_type: choice('data_prediction', ['data_prediction', 'noise_prediction']),
  lower_order_final: flag(true),
  use_flow_sigmas: flag(false),
  flow_shift: number(1),
  lambda_min_clipped: number(Number.NEGATIVE_INFINITY),
  ...varianceRows(),
};
type Options = OptionValues<typeof OPTIONS>;

/** diffusers' SASolverScheduler. */
export const saSolver = defineScheduler({
  className: NAME,
  options: OPTIONS,
  create(options, { steps, shape }, memory) {
    const conflict = conflictOf(options);
    if (conflict) return refuseTogether(NAME, 'algorithm_type', conflict);
    const limit = limitOriginal(NAME, options, shape);
    if (!limit.ok) return limit;
    const meanOf = meanOutput(NAME, options, shape);
    if (!meanOf.ok) return meanOf;
    const { timesteps, sigmas } = repeatedEndSchedule(options, steps);
    const table = alphaTable(alphasCumulative(options), 1);
    const at = levelsOf(sigmas, options.use_flow_sigmas);
    const ofOriginal = options.algorithm_type === 'data_prediction';
    const kept = Math.max(options.predictor_order, options.corrector_order - 1);
    const orderOf = (most: number, left: number, known: number): number => Math.min(most, options.lower_order_final ? left : most, known);
    const tauAt = (index: number): 0 | 1 => {
      const timestep = timesteps[index] ?? 0;
      return timestep >= 200 && timestep <= 800 ? 1 : 0;
    };
    const nodes = (index: number, order: number): number[] => Array.from({ length: order }, (_, age) => at(index - age).lambda);
    const convert = (output: Float32Array, index: number, sample: Float32Array): Converted => {
      const type = options.prediction_type;
      return ofOriginal || type === 'flow_prediction'
        ? toOriginal(type, at(index), sigmas[index] ?? Number.NaN, output, sample, limit.value)
        : toNoise(type, at(index), output, sample, options.thresholding ? limit.value : undefined);
    };
    return ok({
      timesteps,
      sigmas: Array.from(sigmas),
      initNoiseSigma: 1,
      step(modelOutput, index, sample, draw) {
        const { output, original } = convert(meanOf.value(modelOutput), index, sample);
        let current = sample;
        const { sample: before, partial: drawn } = memory;
        if (index > 0 && before !== null && drawn !== null) {
          const order = orderOf(options.corrector_order, timesteps.length - index + 2, memory.calls + 1);
          const span = { from: at(index - 1), to: at(index), tau: tauAt(index - 1), ofOriginal, corrects: true };
          const weights = adamsWeights(span, nodes(index, order));
          current = combine([weights.sample, before], ...terms(weights, [output, ...memory.outputs.toReversed()]), [weights.noise, drawn]);
        }
        memory.remember(output.slice(), kept);
        const noise = draw(sample.length);
        memory.sample = current;
        memory.partial = noise;
        const order = orderOf(options.predictor_order, timesteps.length - index, memory.calls + 1);
        const weights = adamsWeights(
          { from: at(index), to: at(index + 1), tau: tauAt(index), ofOriginal, corrects: false },
          nodes(index, order),
        );
        const next = combine([weights.sample, current], ...terms(weights, memory.outputs.toReversed()), [weights.noise, noise]);
        return { sample: next, predictedOriginal: original };
      },
      // By timestep, even where the levels are respaced.
      addNoise: (original, noise, index) => table.addNoise(original, noise, timesteps[index] ?? Number.NaN),
    });
  },
});

/** `newestFirst`: outputs, at least as many as there are weights. */
function terms({ outputs }: AdamsWeights, newestFirst: readonly Float32Array[]): Term[] {
  return outputs.map((weight, age) => {
    const output = newestFirst[age];
    if (output === undefined) throw new Error(`SA-Solver asked for output ${age} of ${newestFirst.length}`);
    return [weight, output];
  });
}

function conflictOf(options: Options): string | undefined {
  if (options.algorithm_type === 'noise_prediction' && options.prediction_type === 'flow_prediction') {
    return 'prediction_type flow_prediction needs algorithm_type data_prediction';
  }
  if (predictsVariance(options) && options.prediction_type !== 'epsilon') return 'variance_type goes with prediction_type epsilon only';
  return spacingConflict(options);
}
