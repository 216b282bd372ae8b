/**
 * Improved PNDM in σ: fourth-order Adams and Bashforth on the slope dx/dσ, without regard to uneven steps, as ComfyUI's `ipndm`
 * has it. Liu et al. 2022 (arXiv 2202.09778), equation 12; Zhang and Chen 2022 (arXiv 2204.13902), appendix H.
 */
import { ok } from '../problem.ts';
import { adamsBashforth } from './adams-bashforth.ts';
import { alphasCumulative } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, respacingRows, sigmaRangeRows, spacingRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { subtract } from './float32.ts';
import { combine } from './linear-combination.ts';
import { choice, refuseTogether } from './option-table.ts';
import { sigmaSchedule } from './sigma-schedule.ts';
import { addSigmaNoise, initialSigma, originalAtSigma, scaleToUnit } from './sigma-space.ts';
import { noiseLevels, spacingConflict } from './sigmas.ts';

const NAME = 'IPNDMSigmaScheduler';

/** IPNDM for Stable Diffusion's networks; the name is ours, because diffusers' IPNDMScheduler has a noise schedule of its own. */
export const ipndmSigma = defineScheduler({
  className: NAME,
  options: {
    ...betaRows(0.00085, 0.012, 'linear', COMMON_SCHEDULES),
    ...respacingRows(),
    ...sigmaRangeRows(),
    ...spacingRows('linspace'),
    prediction_type: choice('epsilon', ['epsilon', 'v_prediction', 'sample']),
  },
  create(options, { steps }, memory) {
    const conflict = spacingConflict(options);
    if (conflict) return refuseTogether(NAME, 'use_karras_sigmas', conflict);
    const schedule = sigmaSchedule(options, noiseLevels(alphasCumulative(options)), steps);
    const sigmas = Float32Array.from([...schedule.sigmas, 0]);
    const at = (index: number): number => sigmas[index] ?? Number.NaN;
    return ok({
      timesteps: schedule.timesteps.map(Math.fround),
      sigmas: Array.from(sigmas),
      initNoiseSigma: initialSigma(sigmas, options.timestep_spacing),
      scaleModelInput: (sample, index) => scaleToUnit(sample, at(index)),
      step(modelOutput, index, sample) {
        const sigma = at(index);
        const original = originalAtSigma(options.prediction_type, sigma, modelOutput, sample);
        if (at(index + 1) === 0) return { sample: original, predictedOriginal: original };
        memory.remember(combine([1 / sigma, sample], [-1 / sigma, original]), 4);
        const next = combine([1, sample], [subtract(at(index + 1), sigma), adamsBashforth(memory)]);
        return { sample: next, predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addSigmaNoise(original, noise, at(index)),
    });
  },
});
