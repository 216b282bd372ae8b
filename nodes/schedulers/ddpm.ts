/**
 * Denoising diffusion probabilistic models, Ho et al. 2020 (arXiv 2006.11239), equations 6 and 7, and the learned variances of
 * Nichol and Dhariwal 2021 (arXiv 2102.09672), equation 15.
 */
import { ok } from '../problem.ts';
import { alphaTable, requireInTable } from './alpha-table.ts';
import { alphasCumulative } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, clipRows, spacingRows, thresholdRows } from './common-options.ts';
import { addScaled, learnedDeviation, type Posterior, posterior, smallDeviation } from './ddpm-posterior.ts';
import { defineScheduler } from './define-scheduler.ts';
import { logarithm, squareRoot } from './float32.ts';
import { limitOriginal } from './limit-original.ts';
import { combine } from './linear-combination.ts';
import { roundHalfEven } from './linspace.ts';
import { choice, flag, type OptionSpec, optionalChoice } from './option-table.ts';
import { mixOf, originalFrom } from './predict.ts';
import { requireStepsInSchedule } from './require-steps.ts';
import { splitChannels } from './split-channels.ts';
import { spaceTimesteps } from './timesteps.ts';

const VARIANCES = ['fixed_small', 'fixed_small_log', 'fixed_large', 'fixed_large_log', 'learned', 'learned_range'] as const;
type Variance = (typeof VARIANCES)[number];

/** diffusers' DDPMScheduler. */
export const ddpm = defineScheduler({
  className: 'DDPMScheduler',
  options: {
    ...betaRows(0.0001, 0.02, 'linear', [...COMMON_SCHEDULES, 'sigmoid', 'laplace']),
    ...clipRows(true),
    ...thresholdRows(),
    ...spacingRows('leading'),
    // Null, as the files of DPM-Solver have it, is what diffusers then takes for fixed_small.
    variance_type: { ...optionalChoice(VARIANCES), default: 'fixed_small' } satisfies OptionSpec<Variance | null>,
    prediction_type: choice('epsilon', ['epsilon', 'sample', 'v_prediction']),
    rescale_betas_zero_snr: flag(false),
  },
  create(options, { steps, shape }) {
    const allowed = requireStepsInSchedule('DDPMScheduler', steps, options);
    if (!allowed.ok) return allowed;
    const limit = limitOriginal('DDPMScheduler', options, shape);
    if (!limit.ok) return limit;
    const alphas = alphasCumulative(options);
    const table = alphaTable(alphas, 1);
    const timesteps = requireInTable('DDPMScheduler', spaceTimesteps(options, steps).map(roundHalfEven), alphas.length);
    if (!timesteps.ok) return timesteps;
    const learned = options.variance_type === 'learned' || options.variance_type === 'learned_range';
    const at = (index: number): number => timesteps.value[index] ?? -1;
    return ok({
      timesteps: timesteps.value,
      initNoiseSigma: 1,
      step(modelOutput, index, sample, draw) {
        const [mean, range] = learned ? splitChannels(modelOutput, shape?.[0] ?? 1) : [modelOutput, undefined];
        const product = table.at(at(index));
        const moments = posterior(product, table.at(at(index + 1)));
        const original = limit.value(originalFrom(options.prediction_type, mixOf(product), mean, sample));
        const next = combine([moments.onOriginal, original], [moments.onSample, sample]);
        if (at(index) <= 0) return { sample: next, predictedOriginal: original };
        const noise = draw(sample.length);
        const type = options.variance_type ?? 'fixed_small';
        const fixed = range ? 0 : deviation(type, moments, 0);
        return {
          sample: addScaled(next, noise, range ? (i) => deviation(type, moments, range[i] ?? 0) : () => fixed),
          predictedOriginal: original,
        };
      },
      addNoise: (original, noise, index) => table.addNoise(original, noise, at(index)),
    });
  },
});

/** The noise's standard deviation, given what the network says of it. */
function deviation(type: Variance, moments: Posterior, predicted: number): number {
  switch (type) {
    case 'fixed_small':
      return squareRoot(moments.small);
    case 'fixed_small_log':
      return smallDeviation(moments);
    case 'fixed_large':
      return squareRoot(moments.large);
    case 'fixed_large_log':
      // Taken for a variance by diffusers although it is a logarithm, and so NaN; refused before sampling.
      return squareRoot(logarithm(moments.large));
    case 'learned':
      return squareRoot(predicted);
    case 'learned_range':
      return learnedDeviation(moments, predicted);
  }
}
