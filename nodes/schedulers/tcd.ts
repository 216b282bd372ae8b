/**
 * Trajectory consistency distillation, Zheng et al. 2024 (arXiv 2402.19159), algorithm 4 (strategic stochastic sampling): each
 * call jumps below the next timestep and noise brings it back; `eta` (γ in the paper) says how far.
 */
import { ok } from '../problem.ts';
import { alphaTable } from './alpha-table.ts';
import { alphasCumulative } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, clipRows, spacingRows, thresholdRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { distilledTimesteps } from './distilled-timesteps.ts';
import { divide, multiply, squareRoot, subtract } from './float32.ts';
import { combine } from './linear-combination.ts';
import { choice, flag, integer, number } from './option-table.ts';
import { mixOf, noiseFrom, originalFrom } from './predict.ts';

/** diffusers' TCDScheduler. It accepts clipping and thresholding and, like diffusers, makes no use of them. */
export const tcd = defineScheduler({
  className: 'TCDScheduler',
  options: {
    ...betaRows(0.00085, 0.012, 'scaled_linear', COMMON_SCHEDULES),
    ...clipRows(false),
    ...thresholdRows(),
    ...spacingRows('leading'),
    original_inference_steps: integer(50, 1),
    set_alpha_to_one: flag(true),
    prediction_type: choice('epsilon', ['epsilon', 'sample', 'v_prediction']),
    timestep_scaling: number(10),
    rescale_betas_zero_snr: flag(false),
  },
  create(options, { steps }) {
    const timesteps = distilledTimesteps('TCDScheduler', options, steps);
    if (!timesteps.ok) return timesteps;
    const alphas = alphasCumulative(options);
    const table = alphaTable(alphas, options.set_alpha_to_one ? 1 : (alphas[0] ?? 1));
    return ok({
      timesteps: timesteps.value,
      initNoiseSigma: 1,
      step(modelOutput, index, sample, draw, { eta = 0.3 } = {}) {
        if (!(eta >= 0 && eta <= 1)) throw new Error(`TCD's eta must lie from 0 to 1, and is ${eta}`);
        const next = timesteps.value[index + 1] ?? 0;
        const mix = mixOf(table.at(timesteps.value[index] ?? Number.NaN));
        const original = originalFrom(options.prediction_type, mix, modelOutput, sample);
        const noise = noiseFrom(options.prediction_type, mix, modelOutput, sample);
        const below = table.at(Math.floor(multiply(1 - eta, next)));
        const { alpha, sigma } = mixOf(below);
        const jumped = combine([alpha, original], [sigma, noise]);
        if (eta === 0 || index === steps - 1) return { sample: jumped, predictedOriginal: original };
        const ratio = divide(table.at(next), below);
        const noised = combine([squareRoot(ratio), jumped], [squareRoot(subtract(1, ratio)), draw(sample.length)]);
        return { sample: noised, predictedOriginal: original };
      },
      addNoise: (original, noise, index) => table.addNoise(original, noise, timesteps.value[index] ?? Number.NaN),
    });
  },
});
