/**
 * DPM-Solver++ (SDE) in σ: two calls a step as in `kdpm2-ancestral.ts`, with the exponential integrator of Lu et al. 2022 (arXiv
 * 2211.01095, equation 8) and noise that is one Brownian path through both (k-diffusion's `sample_dpmpp_sde`).
 */
import { ok } from '../problem.ts';
import { ancestralSplit } from './ancestral-split.ts';
import { halfIncrement, wholeIncrement } from './brownian-step.ts';
import { betaRows, COMMON_SCHEDULES, respacingRows, sigmaRangeRows, spacingRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { dataStep } from './exponential-step.ts';
import { exponential, geometricMean, logarithm } from './float32.ts';
import { doubledLevels, midpointSchedule } from './kdpm2-schedule.ts';
import { combine } from './linear-combination.ts';
import { choice, optionalInteger, refuseTogether } from './option-table.ts';
import { addSigmaNoise, initialSigma, originalAtSigma, scaleToUnit } from './sigma-space.ts';
import { spacingConflict } from './sigmas.ts';

const NAME = 'DPMSolverSDEScheduler';

/** diffusers' DPMSolverSDEScheduler, "DPM++ SDE". Without `noise_sampler_seed`, the run's seed is the path's, as in k-diffusion's programs. */
export const dpmSolverSde = defineScheduler({
  className: NAME,
  options: {
    ...betaRows(0.00085, 0.012, 'linear', COMMON_SCHEDULES),
    ...respacingRows(),
    ...sigmaRangeRows(),
    ...spacingRows('linspace'),
    prediction_type: choice('epsilon', ['epsilon', 'v_prediction']),
    noise_sampler_seed: optionalInteger(),
  },
  create(options, { steps }, memory) {
    const conflict = spacingConflict(options);
    if (conflict) return refuseTogether(NAME, 'use_karras_sigmas', conflict);
    // Of a carried sigma range this class heeds the other spacings' only.
    const range = options.use_karras_sigmas ? { sigma_min: null, sigma_max: null } : {};
    const { timesteps, levels, levelAt, middleAt, sigmaAt } = midpointSchedule(
      { ...options, ...range },
      steps,
      (from, to) => geometricMean(to, from),
      false,
    );
    const doubled = doubledLevels(levels).slice(0, -2);
    const positive = doubled.filter((level) => level > 0);
    const seed = options.noise_sampler_seed;
    if (seed !== null && seed < 0) return refuseTogether(NAME, 'noise_sampler_seed', 'noise_sampler_seed must be 0 or more, or null');
    return ok({
      brownian: { min: Math.min(...positive), max: Math.max(...positive), seed: seed === null ? null : BigInt(seed) },
      timesteps,
      sigmas: doubled,
      initNoiseSigma: initialSigma(levels, options.timestep_spacing),
      order: 2,
      scaleModelInput: (sample, index) => scaleToUnit(sample, sigmaAt(index)),
      step(modelOutput, index, sample, draw, stepOptions = {}) {
        const { sNoise = 1 } = stepOptions;
        const step = index >> 1;
        const [from, middle, end] = [levelAt(step), middleAt(step), levelAt(step + 1)];
        const begun = memory.sample;
        const original = originalAtSigma(options.prediction_type, begun ? middle : from, modelOutput, sample);
        if (end === 0) return { sample: original, predictedOriginal: original };
        const path = { from: throughLog(from), middle, end: throughLog(end), count: sample.length };
        const to = begun ? end : middle;
        const { down, up } = ancestralSplit(from, to);
        const weights = dataStep(from, down);
        const unit = begun
          ? wholeIncrement(path, memory.partial, draw, stepOptions.brownian)
          : halfIncrement(path, draw, stepOptions.brownian);
        memory.sample = begun ? null : sample;
        memory.partial = begun ? null : unit;
        const next = combine([weights.sample, begun ?? sample], [weights.original, original], [sNoise * up, unit]);
        return { sample: next, predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addSigmaNoise(original, noise, doubled[index] ?? Number.NaN),
    });
  },
});

/** A level as diffusers asks the path for it: by way of its logarithm, which changes its last digit. */
function throughLog(level: number): number {
  return exponential(logarithm(level));
}
