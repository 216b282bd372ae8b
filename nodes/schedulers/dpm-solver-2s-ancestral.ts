/**
 * DPM-Solver++ (2S) with ancestral noise: each step goes below the next noise level by way of a call half-way there, and noise
 * brings it back up. Lu et al. 2022 (arXiv 2211.01095, algorithm 1); k-diffusion's `sample_dpmpp_2s_ancestral`.
 */
import { ok } from '../problem.ts';
import { ancestralSplit } from './ancestral-split.ts';
import { betaRows, COMMON_SCHEDULES, respacingRows, sigmaRangeRows, spacingRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { dataStep } from './exponential-step.ts';
import { geometricMean } from './float32.ts';
import { doubledLevels, midpointSchedule } from './kdpm2-schedule.ts';
import { combine } from './linear-combination.ts';
import { choice, number, refuseTogether } from './option-table.ts';
import { addSigmaNoise, initialSigma, originalAtSigma, scaleToUnit } from './sigma-space.ts';
import { spacingConflict } from './sigmas.ts';

const NAME = 'DPMSolver2SAncestralScheduler';

/**
 * "DPM++ 2S a". diffusers has no such class, so the name is ours, in its style; noise levels are those of its k-diffusion classes.
 * `eta` scales the ancestral noise.
 */
export const dpmSolver2sAncestral = defineScheduler({
  className: NAME,
  options: {
    ...betaRows(0.00085, 0.012, 'linear', COMMON_SCHEDULES),
    ...respacingRows(),
    ...sigmaRangeRows(),
    ...spacingRows('linspace'),
    prediction_type: choice('epsilon', ['epsilon', 'v_prediction', 'sample']),
    eta: number(1),
  },
  create(options, { steps }, memory) {
    const conflict = spacingConflict(options);
    if (conflict) return refuseTogether(NAME, 'use_karras_sigmas', conflict);
    if (!(options.eta >= 0)) return refuseTogether(NAME, 'eta', `eta must be at least 0, and is ${options.eta}`);
    // From very high levels down rounds to 0, and there is no middle; the level itself stands in, where k-diffusion saves the call.
    const downAt = (from: number, to: number): number => ancestralSplit(from, to, options.eta).down;
    const { timesteps, levels, levelAt, middleAt, sigmaAt } = midpointSchedule(
      options,
      steps,
      (from, to) => geometricMean(downAt(from, to) || to, from),
      false,
    );
    const doubled = doubledLevels(levels).slice(0, -2);
    return ok({
      timesteps,
      sigmas: doubled,
      initNoiseSigma: initialSigma(levels, options.timestep_spacing),
      order: 2,
      scaleModelInput: (sample, index) => scaleToUnit(sample, sigmaAt(index)),
      step(modelOutput, index, sample, draw, { sNoise = 1 } = {}) {
        const step = index >> 1;
        const [from, middle, end] = [levelAt(step), middleAt(step), levelAt(step + 1)];
        const begun = memory.sample;
        const original = originalAtSigma(options.prediction_type, begun ? middle : from, modelOutput, sample);
        if (end === 0) return { sample: original, predictedOriginal: original };
        if (!begun) {
          memory.sample = sample;
          const weights = dataStep(from, middle);
          return { sample: combine([weights.sample, sample], [weights.original, original]), predictedOriginal: original };
        }
        const { down, up } = ancestralSplit(from, end, options.eta);
        const weights = dataStep(from, down);
        memory.sample = null;
        const next = combine([weights.sample, begun], [weights.original, original], [sNoise * up, draw(sample.length)]);
        return { sample: next, predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addSigmaNoise(original, noise, doubled[index] ?? Number.NaN),
    });
  },
});
