/**
 * Heun's second-order method on the probability-flow ODE: Karras et al. 2022 (arXiv 2206.00364), algorithm 1. Each step but the
 * last takes two calls: one to the next noise level and one there, whose mean slope is then taken from the start.
 */
import { ok } from '../problem.ts';
import { alphasCumulative } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, clipRows, respacingRows, sigmaRangeRows, spacingRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { subtract } from './float32.ts';
import { limitOriginal } from './limit-original.ts';
import { combine } from './linear-combination.ts';
import { choice, refuseTogether } from './option-table.ts';
import { sigmaSchedule } from './sigma-schedule.ts';
import { addSigmaNoise, initialSigma, originalAtSigma, scaleToUnit } from './sigma-space.ts';
import { noiseLevels, spacingConflict } from './sigmas.ts';

/** diffusers' HeunDiscreteScheduler. */
export const heun = defineScheduler({
  className: 'HeunDiscreteScheduler',
  options: {
    ...betaRows(0.00085, 0.012, 'linear', [...COMMON_SCHEDULES, 'exp']),
    ...respacingRows(),
    ...sigmaRangeRows(),
    ...spacingRows('linspace'),
    ...clipRows(false),
    prediction_type: choice('epsilon', ['epsilon', 'v_prediction', 'sample']),
  },
  create(options, { steps }, memory) {
    const conflict = spacingConflict(options);
    if (conflict) return refuseTogether('HeunDiscreteScheduler', 'use_karras_sigmas', conflict);
    const limit = limitOriginal('HeunDiscreteScheduler', options, undefined);
    if (!limit.ok) return limit;
    const schedule = sigmaSchedule(options, noiseLevels(alphasCumulative(options)), steps);
    const [firstTimestep = 0, ...laterTimesteps] = schedule.timesteps.map(Math.fround);
    const [firstSigma = 0, ...laterSigmas] = schedule.sigmas;
    const sigmas = Float32Array.from([firstSigma, ...laterSigmas.flatMap((sigma) => [sigma, sigma]), 0]);
    const at = (index: number): number => sigmas[index] ?? Number.NaN;
    return ok({
      timesteps: [firstTimestep, ...laterTimesteps.flatMap((timestep) => [timestep, timestep])],
      sigmas: Array.from(sigmas),
      initNoiseSigma: initialSigma(sigmas, options.timestep_spacing),
      order: 2,
      scaleModelInput: (sample, index) => scaleToUnit(sample, at(index)),
      step(modelOutput, index, sample) {
        const sigma = at(index);
        const original = limit.value(originalAtSigma(options.prediction_type, sigma, modelOutput, sample));
        const slope = combine([1 / sigma, sample], [-1 / sigma, original]);
        const start = memory.sample;
        if (start === null) {
          memory.sample = sample;
          memory.remember(slope, 1);
          return { sample: combine([1, sample], [subtract(at(index + 1), sigma), slope]), predictedOriginal: original };
        }
        memory.sample = null;
        const half = subtract(sigma, at(index - 1)) / 2;
        return { sample: combine([1, start], [half, memory.output(0)], [half, slope]), predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addSigmaNoise(original, noise, at(index)),
    });
  },
});
