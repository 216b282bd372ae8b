/**
 * DDIM run backwards, from a picture to the noise that gives it: Song et al. 2020 (arXiv 2010.02502), equation 12 with the
 * timesteps rising (section 4.3).
 */
import { ok } from '../problem.ts';
import { alphaTable, requireInTable } from './alpha-table.ts';
import { alphasCumulative } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, clipRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { limitOriginal } from './limit-original.ts';
import { combine } from './linear-combination.ts';
import { roundHalfEven } from './linspace.ts';
import { choice, flag, integer } from './option-table.ts';
import { mixOf, noiseFrom, originalFrom } from './predict.ts';
import { requireStepsInSchedule } from './require-steps.ts';
import { spaceTimesteps } from './timesteps.ts';

const NAME = 'DDIMInverseScheduler';

/** diffusers' DDIMInverseScheduler: the first sample is a clean one, and each call makes it noisier. */
export const ddimInverse = defineScheduler({
  className: NAME,
  options: {
    ...betaRows(0.0001, 0.02, 'linear', COMMON_SCHEDULES),
    ...clipRows(true),
    timestep_spacing: choice('leading', ['leading', 'trailing']),
    steps_offset: integer(0, 0),
    set_alpha_to_one: flag(true),
    prediction_type: choice('epsilon', ['epsilon', 'sample', 'v_prediction']),
    rescale_betas_zero_snr: flag(false),
  },
  create(options, { steps }) {
    const allowed = requireStepsInSchedule(NAME, steps, options);
    if (!allowed.ok) return allowed;
    const limit = limitOriginal(NAME, options, undefined);
    if (!limit.ok) return limit;
    const alphas = alphasCumulative(options);
    const table = alphaTable(alphas, options.set_alpha_to_one ? 1 : (alphas[0] ?? 1));
    const timesteps = requireInTable(NAME, spaceTimesteps(options, steps).map(roundHalfEven).reverse(), alphas.length);
    if (!timesteps.ok) return timesteps;
    const stride = Math.floor(options.num_train_timesteps / steps);
    const at = (index: number): number => timesteps.value[index] ?? Number.NaN;
    return ok({
      timesteps: timesteps.value,
      initNoiseSigma: 1,
      step(modelOutput, index, sample) {
        // The sample is one stride cleaner than the timestep the network is told.
        const from = mixOf(table.at(at(index) - stride));
        const to = mixOf(table.at(at(index)));
        const original = limit.value(originalFrom(options.prediction_type, from, modelOutput, sample));
        const noise = noiseFrom(options.prediction_type, from, modelOutput, sample);
        return { sample: combine([to.alpha, original], [to.sigma, noise]), predictedOriginal: original };
      },
      addNoise: (original, noise, index) => table.addNoise(original, noise, at(index)),
    });
  },
});
