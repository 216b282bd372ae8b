/**
 * Euler's method on the probability-flow ODE, with optional churn: Karras et al. 2022 (arXiv 2206.00364), algorithm 2 without
 * its second-order correction.
 */
import { ok } from '../problem.ts';
import { alphasCumulative, withoutZero } from './betas.ts';
import { churn } from './churn.ts';
import { betaRows, COMMON_SCHEDULES, respacingRows, sigmaRangeRows, spacingRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { exponential, logarithm, multiply, subtract } from './float32.ts';
import { combine } from './linear-combination.ts';
import { linspaceFloat32 } from './linspace.ts';
import { numpyLog } from './numpy-log.ts';
import { choice, flag, refuseTogether } from './option-table.ts';
import { sigmaSchedule } from './sigma-schedule.ts';
import { addSigmaNoise, initialSigma, originalAtSigma, scaleToUnit } from './sigma-space.ts';
import { noiseLevel, noiseLevels, spacingConflict } from './sigmas.ts';

/** diffusers' EulerDiscreteScheduler. */
export const euler = defineScheduler({
  className: 'EulerDiscreteScheduler',
  options: {
    ...betaRows(0.0001, 0.02, 'linear', COMMON_SCHEDULES),
    ...respacingRows(),
    ...sigmaRangeRows(),
    ...spacingRows('linspace'),
    prediction_type: choice('epsilon', ['epsilon', 'v_prediction', 'sample'], { original_sample: 'sample' }),
    interpolation_type: choice('linear', ['linear', 'log_linear']),
    timestep_type: choice('discrete', ['discrete', 'continuous']),
    rescale_betas_zero_snr: flag(false),
    final_sigmas_type: choice('zero', ['zero', 'sigma_min']),
  },
  takesTimesteps: true,
  create(options, { steps, timesteps: given }) {
    const conflict = spacingConflict(options);
    if (conflict) return refuseTogether('EulerDiscreteScheduler', 'use_karras_sigmas', conflict);
    const alphas = alphasCumulative(options);
    const levels = noiseLevels(options.rescale_betas_zero_snr ? withoutZero(alphas) : alphas);
    const spaced = options.interpolation_type === 'log_linear' ? logLinear(levels, steps) : undefined;
    const schedule = sigmaSchedule(options, levels, steps, { spaced, given });
    const last = options.final_sigmas_type === 'zero' ? 0 : noiseLevel(alphas[0] ?? 0);
    const sigmas = Float32Array.from([...schedule.sigmas, last]);
    // Networks trained on EDM's continuous time are told log σ / 4.
    const continuous = options.timestep_type === 'continuous' && options.prediction_type === 'v_prediction';
    const timesteps = continuous
      ? Array.from(sigmas.subarray(0, -1), (sigma) => multiply(0.25, logarithm(sigma)))
      : schedule.timesteps.map(Math.fround);
    const at = (index: number): number => sigmas[index] ?? Number.NaN;
    return ok({
      timesteps,
      sigmas: Array.from(sigmas),
      initNoiseSigma: initialSigma(sigmas, options.timestep_spacing),
      scaleModelInput: (sample, index) => scaleToUnit(sample, at(index)),
      step(modelOutput, index, sample, draw, stepOptions) {
        const sigma = at(index);
        const { raised, start } = churn(sigma, sigmas.length - 1, sample, draw, stepOptions);
        // The velocity form keeps the noise level before churn, as diffusers does.
        const level = options.prediction_type === 'epsilon' ? raised : sigma;
        const original = originalAtSigma(options.prediction_type, level, modelOutput, start);
        const move = subtract(at(index + 1), raised) / raised;
        return { sample: combine([1 + move, start], [-move, original]), predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addSigmaNoise(original, noise, at(index)),
    });
  },
});

/** Even steps of log σ over the whole table, one more than there are calls: the last call does not reach the final level. */
function logLinear(levels: Float32Array, steps: number): number[] {
  const from = numpyLog(levels.at(-1) ?? Number.NaN);
  const to = numpyLog(levels[0] ?? Number.NaN);
  return Array.from(linspaceFloat32(from, to, steps + 1), exponential);
}
