/**
 * DPM-Solver-2 in σ: a call at the start of each step and one at the geometric mean of its ends, whose slope then carries the
 * whole step (Karras et al. 2022, algorithm 2; Lu et al. 2022, algorithm 1; k-diffusion's `sample_dpm_2`).
 */
import { ok } from '../problem.ts';
import { betaRows, COMMON_SCHEDULES, respacingRows, sigmaRangeRows, spacingRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { geometricMean, subtract } from './float32.ts';
import { doubledLevels, midpointSchedule } from './kdpm2-schedule.ts';
import { combine } from './linear-combination.ts';
import { choice, refuseTogether } from './option-table.ts';
import { addSigmaNoise, initialSigma, originalAtSigma, scaleToUnit } from './sigma-space.ts';
import { spacingConflict } from './sigmas.ts';

/** diffusers' KDPM2DiscreteScheduler. */
export const kdpm2 = defineScheduler({
  className: 'KDPM2DiscreteScheduler',
  options: {
    ...betaRows(0.00085, 0.012, 'linear', COMMON_SCHEDULES),
    ...respacingRows(),
    ...sigmaRangeRows(),
    ...spacingRows('linspace'),
    prediction_type: choice('epsilon', ['epsilon', 'v_prediction']),
  },
  create(options, { steps }, memory) {
    const conflict = spacingConflict(options);
    if (conflict) return refuseTogether('KDPM2DiscreteScheduler', 'use_karras_sigmas', conflict);
    const { timesteps, levels, levelAt, sigmaAt } = midpointSchedule(options, steps, (from, to) => geometricMean(to, from));
    const doubled = doubledLevels(levels);
    return ok({
      timesteps,
      sigmas: doubled,
      initNoiseSigma: initialSigma(levels, options.timestep_spacing),
      order: 2,
      scaleModelInput: (sample, index) => scaleToUnit(sample, sigmaAt(index)),
      step(modelOutput, index, sample) {
        const sigma = sigmaAt(index);
        const original = originalAtSigma(options.prediction_type, sigma, modelOutput, sample);
        const start = index % 2 === 0 ? sample : (memory.sample ?? sample);
        memory.sample = index % 2 === 0 ? sample : null;
        const move = subtract(sigmaAt(index + 1), levelAt(index >> 1)) / sigma;
        return { sample: combine([1, start], [move, sample], [-move, original]), predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addSigmaNoise(original, noise, doubled[index] ?? Number.NaN),
    });
  },
});
