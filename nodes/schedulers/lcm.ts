/**
 * Multistep sampling of latent consistency models, Luo et al. 2023 (arXiv 2310.04378), algorithm 3: every call predicts the
 * clean sample, and all but the last noise it again.
 */
import { ok } from '../problem.ts';
import { alphaTable } from './alpha-table.ts';
import { alphasCumulative } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, clipRows, spacingRows, thresholdRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { distilledTimesteps } from './distilled-timesteps.ts';
import { add, divide, multiply, square, squareRoot } from './float32.ts';
import { limitOriginal } from './limit-original.ts';
import { combine } from './linear-combination.ts';
import { choice, flag, integer, number } from './option-table.ts';
import { mixOf, originalFrom } from './predict.ts';

/** The standard deviation of the data that the boundary conditions of consistency models assume. */
const SIGMA_DATA = 0.5;

/** diffusers' LCMScheduler. */
export const lcm = defineScheduler({
  className: 'LCMScheduler',
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
  create(options, { steps, shape }) {
    const timesteps = distilledTimesteps('LCMScheduler', options, steps);
    if (!timesteps.ok) return timesteps;
    const limit = limitOriginal('LCMScheduler', options, shape);
    if (!limit.ok) return limit;
    const alphas = alphasCumulative(options);
    const table = alphaTable(alphas, options.set_alpha_to_one ? 1 : (alphas[0] ?? 1));
    const at = (index: number): number => timesteps.value[index] ?? Number.NaN;
    return ok({
      timesteps: timesteps.value,
      initNoiseSigma: 1,
      step(modelOutput, index, sample, draw) {
        const mix = mixOf(table.at(at(index)));
        const original = limit.value(originalFrom(options.prediction_type, mix, modelOutput, sample));
        const { skip, out } = boundary(at(index), options.timestep_scaling);
        const denoised = combine([out, original], [skip, sample]);
        if (index === steps - 1) return { sample: denoised, predictedOriginal: denoised };
        const { alpha, sigma } = mixOf(table.at(at(index + 1)));
        return { sample: combine([alpha, denoised], [sigma, draw(sample.length)]), predictedOriginal: denoised };
      },
      addNoise: (original, noise, index) => table.addNoise(original, noise, at(index)),
    });
  },
});

/** Equation 9: at timestep 0 the function is the identity. */
function boundary(timestep: number, scaling: number): { readonly skip: number; readonly out: number } {
  const scaled = multiply(timestep, scaling);
  const sum = add(square(scaled), SIGMA_DATA ** 2);
  return { skip: divide(SIGMA_DATA ** 2, sum), out: divide(scaled, squareRoot(sum)) };
}
