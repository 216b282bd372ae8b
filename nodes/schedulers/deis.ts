/**
 * Diffusion exponential integrator sampler, Zhang and Chen 2022 (arXiv 2204.13902): the noise is interpolated over log ρ by a
 * polynomial (their tAB-DEIS in "log rho"), ρ being σ relative to the signal.
 */
import { ok } from '../problem.ts';
import { betaRows, COMMON_SCHEDULES, respacingRows, sigmaRangeRows, spacingRows, thresholdRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { logRhoWeights } from './deis-weights.ts';
import { toOriginal } from './dpm-solver-output.ts';
import { stepWeights } from './dpm-solver-weights.ts';
import { limitOriginal } from './limit-original.ts';
import { combine, type Term } from './linear-combination.ts';
import { choice, flag, integer, number, refuseTogether } from './option-table.ts';
import { noiseFrom } from './predict.ts';
import { repeatedEndSchedule } from './repeated-end-schedule.ts';
import { spacingConflict } from './sigmas.ts';
import { addLevelNoise, levelsOf } from './solver-space.ts';

const NAME = 'DEISMultistepScheduler';

const OPTIONS = {
  ...betaRows(0.0001, 0.02, 'linear', COMMON_SCHEDULES),
  ...respacingRows(),
  ...sigmaRangeRows(),
  ...spacingRows('linspace'),
  ...thresholdRows(),
  solver_order: integer(2, 1, 3),
  prediction_type: choice('epsilon', ['epsilon', 'sample', 'v_prediction', 'flow_prediction']),
  algorithm_type: choice('deis', ['deis'], { dpmsolver: 'deis', 'dpmsolver++': 'deis' }),
  solver_type: choice('logrho', ['logrho'], { midpoint: 'logrho', heun: 'logrho', bh1: 'logrho', bh2: 'logrho' }),
  lower_order_final: flag(true),
  use_flow_sigmas: flag(false),
  flow_shift: number(1),
  use_dynamic_shifting: flag(false),
  time_shift_type: choice('exponential', ['exponential']),
};

/** diffusers' DEISMultistepScheduler. */
export const deis = defineScheduler({
  className: NAME,
  options: OPTIONS,
  create(options, { steps, shape }, memory) {
    const conflict = spacingConflict(options);
    if (conflict) return refuseTogether(NAME, 'use_karras_sigmas', conflict);
    const limit = limitOriginal(NAME, options, shape);
    if (!limit.ok) return limit;
    const { timesteps, sigmas } = repeatedEndSchedule(options, steps);
    const at = levelsOf(sigmas, options.use_flow_sigmas);
    const orderAt = (index: number): number => {
      const short = options.lower_order_final && timesteps.length < 15;
      const left = short ? timesteps.length - index : options.solver_order;
      return Math.min(options.solver_order, left, memory.calls + 1);
    };
    return ok({
      timesteps,
      sigmas: Array.from(sigmas),
      initNoiseSigma: 1,
      step(modelOutput, index, sample) {
        const level = at(index);
        const { original } = toOriginal(options.prediction_type, level, sigmas[index] ?? Number.NaN, modelOutput, sample, limit.value);
        // A flow's noise is over σ itself, whatever the levels are: diffusers has only one variable for both.
        const mix = options.prediction_type === 'flow_prediction' ? { alpha: level.alpha, sigma: sigmas[index] ?? Number.NaN } : level;
        memory.remember(noiseFrom('sample', mix, original, sample), options.solver_order);
        const order = orderAt(index);
        const to = at(index + 1);
        if (order === 1) {
          const weights = stepWeights('dpmsolver', level, to);
          const next = combine([weights.sample, sample], [weights.zeroth, memory.output(0)]);
          return { sample: next, predictedOriginal: original };
        }
        const nodes = Array.from({ length: order }, (_, age) => at(index - age));
        const terms = logRhoWeights(nodes, to).map((weight, age): Term => [to.alpha * weight, memory.output(age)]);
        return { sample: combine([to.alpha / level.alpha, sample], ...terms), predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addLevelNoise(original, noise, at(index)),
    });
  },
});
