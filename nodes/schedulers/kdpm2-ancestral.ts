/**
 * DPM-Solver-2 with ancestral noise: as in `kdpm2.ts`, but each step goes below the next level and noise brings it back up
 * (k-diffusion's `sample_dpm_2_ancestral`).
 */
import { ok } from '../problem.ts';
import { ancestralSplit } from './ancestral-split.ts';
import { betaRows, COMMON_SCHEDULES, respacingRows, sigmaRangeRows, spacingRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { geometricMean, subtract } from './float32.ts';
import { doubledLevels, midpointSchedule } from './kdpm2-schedule.ts';
import { combine } from './linear-combination.ts';
import { choice, refuseTogether } from './option-table.ts';
import { addSigmaNoise, initialSigma, originalAtSigma, scaleToUnit } from './sigma-space.ts';
import { spacingConflict } from './sigmas.ts';

/** diffusers' KDPM2AncestralDiscreteScheduler. */
export const kdpm2Ancestral = defineScheduler({
  className: 'KDPM2AncestralDiscreteScheduler',
  options: {
    ...betaRows(0.00085, 0.012, 'linear', COMMON_SCHEDULES),
    ...respacingRows(),
    ...sigmaRangeRows(),
    ...spacingRows('linspace'),
    prediction_type: choice('epsilon', ['epsilon', 'v_prediction']),
  },
  create(options, { steps }, memory) {
    const conflict = spacingConflict(options);
    if (conflict) return refuseTogether('KDPM2AncestralDiscreteScheduler', 'use_karras_sigmas', conflict);
    const { timesteps, levels, levelAt, middleAt, sigmaAt } = midpointSchedule(options, steps, (from, to) =>
      geometricMean(from, ancestralSplit(from, to).down),
    );
    const doubled = doubledLevels(levels);
    return ok({
      timesteps,
      sigmas: doubled,
      initNoiseSigma: initialSigma(levels, options.timestep_spacing),
      order: 2,
      scaleModelInput: (sample, index) => scaleToUnit(sample, sigmaAt(index)),
      step(modelOutput, index, sample, draw) {
        const step = index >> 1;
        const level = levelAt(step);
        const middle = middleAt(step);
        if (index % 2 === 0) {
          const original = originalAtSigma(options.prediction_type, level, modelOutput, sample);
          const move = subtract(middle, level) / level;
          memory.sample = sample;
          return { sample: combine([1 + move, sample], [-move, original]), predictedOriginal: original };
        }
        const original = originalAtSigma(options.prediction_type, middle, modelOutput, sample);
        const { down, up } = ancestralSplit(level, levelAt(step + 1));
        const move = subtract(down, level) / middle;
        const start = memory.sample ?? sample;
        memory.sample = null;
        const next = combine([1, start], [move, sample], [-move, original], [up, draw(sample.length)]);
        return { sample: next, predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addSigmaNoise(original, noise, doubled[index] ?? Number.NaN),
    });
  },
});
