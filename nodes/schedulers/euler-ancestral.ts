/**
 * Euler's method with ancestral noise: each step goes below the next noise level and noise brings it back up, as in DDPM
 * (k-diffusion's `sample_euler_ancestral`; Karras et al. 2022 for the form).
 */
import { ok } from '../problem.ts';
import { ancestralSplit } from './ancestral-split.ts';
import { alphasCumulative, withoutZero } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, spacingRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { subtract } from './float32.ts';
import { combine } from './linear-combination.ts';
import { choice, flag } from './option-table.ts';
import { addSigmaNoise, initialSigma, originalAtSigma, scaleToUnit } from './sigma-space.ts';
import { interpolate, noiseLevels } from './sigmas.ts';
import { spaceTimesteps } from './timesteps.ts';

/** diffusers' EulerAncestralDiscreteScheduler. */
export const eulerAncestral = defineScheduler({
  className: 'EulerAncestralDiscreteScheduler',
  options: {
    ...betaRows(0.0001, 0.02, 'linear', COMMON_SCHEDULES),
    ...spacingRows('linspace'),
    prediction_type: choice('epsilon', ['epsilon', 'v_prediction']),
    rescale_betas_zero_snr: flag(false),
  },
  create(options, { steps }) {
    const alphas = alphasCumulative(options);
    const levels = noiseLevels(options.rescale_betas_zero_snr ? withoutZero(alphas) : alphas);
    const timesteps = spaceTimesteps(options, steps).map(Math.fround);
    const sigmas = Float32Array.from([...timesteps.map((timestep) => interpolate(levels, timestep)), 0]);
    const at = (index: number): number => sigmas[index] ?? Number.NaN;
    return ok({
      timesteps,
      sigmas: Array.from(sigmas),
      initNoiseSigma: initialSigma(sigmas, options.timestep_spacing),
      scaleModelInput: (sample, index) => scaleToUnit(sample, at(index)),
      step(modelOutput, index, sample, draw) {
        const sigma = at(index);
        const { down, up } = ancestralSplit(sigma, at(index + 1));
        const original = originalAtSigma(options.prediction_type, sigma, modelOutput, sample);
        const move = subtract(down, sigma) / sigma;
        // The last step draws too, times 0, and so moves the generator on as diffusers does.
        const next = combine([1 + move, sample], [-move, original], [up, draw(sample.length)]);
        return { sample: next, predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addSigmaNoise(original, noise, at(index)),
    });
  },
});
