/**
 * Denoising diffusion implicit models, Song et al. 2020 (arXiv 2010.02502), equations 12 and 16.
 */
import { ok } from '../problem.ts';
import { alphaTable, requireInTable } from './alpha-table.ts';
import { alphasCumulative } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, clipRows, spacingRows, thresholdRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { divide, multiply, square, squareRoot, subtract } from './float32.ts';
import { limitOriginal } from './limit-original.ts';
import { combine } from './linear-combination.ts';
import { roundHalfEven } from './linspace.ts';
import { choice, flag } from './option-table.ts';
import { mixOf, noiseFrom, originalFrom } from './predict.ts';
import { requireStepsInSchedule } from './require-steps.ts';
import { spaceTimesteps } from './timesteps.ts';

/** diffusers' DDIMScheduler: deterministic at eta 0, as noisy as DDPM at eta 1. */
export const ddim = defineScheduler({
  className: 'DDIMScheduler',
  options: {
    ...betaRows(0.0001, 0.02, 'linear', COMMON_SCHEDULES),
    ...clipRows(true),
    ...thresholdRows(),
    ...spacingRows('leading'),
    set_alpha_to_one: flag(true),
    prediction_type: choice('epsilon', ['epsilon', 'sample', 'v_prediction']),
    rescale_betas_zero_snr: flag(false),
  },
  create(options, { steps, shape }) {
    const allowed = requireStepsInSchedule('DDIMScheduler', steps, options);
    if (!allowed.ok) return allowed;
    const limit = limitOriginal('DDIMScheduler', options, shape);
    if (!limit.ok) return limit;
    const alphas = alphasCumulative(options);
    const table = alphaTable(alphas, options.set_alpha_to_one ? 1 : (alphas[0] ?? 1));
    const timesteps = requireInTable('DDIMScheduler', spaceTimesteps(options, steps).map(roundHalfEven), alphas.length);
    if (!timesteps.ok) return timesteps;
    const stride = Math.floor(options.num_train_timesteps / steps);
    return ok({
      timesteps: timesteps.value,
      initNoiseSigma: 1,
      step(modelOutput, index, sample, draw, { eta = 0 } = {}) {
        const timestep = timesteps.value[index] ?? Number.NaN;
        const product = table.at(timestep);
        const previous = table.at(timestep - stride);
        const mix = mixOf(product);
        const original = limit.value(originalFrom(options.prediction_type, mix, modelOutput, sample));
        const noise = noiseFrom(options.prediction_type, mix, modelOutput, sample);
        const deviation = multiply(eta, squareRoot(variance(product, previous)));
        // At η = 1 rounding can leave this just below 0, where diffusers goes on with NaN.
        const direction = squareRoot(Math.max(subtract(subtract(1, previous), square(deviation)), 0));
        const deterministic = [
          [squareRoot(previous), original],
          [direction, noise],
        ] as const;
        const next = eta > 0 ? combine(...deterministic, [deviation, draw(sample.length)]) : combine(...deterministic);
        return { sample: next, predictedOriginal: original };
      },
      addNoise: (original, noise, index) => table.addNoise(original, noise, timesteps.value[index] ?? Number.NaN),
    });
  },
});

/** σ² of equation 16 at η = 1. */
function variance(product: number, previous: number): number {
  return multiply(divide(subtract(1, previous), subtract(1, product)), subtract(1, divide(product, previous)));
}
