/**
 * Euler's method on the probability-flow ODE, with optional churn: Karras et al. 2022 (arXiv 2206.00364), algorithm 2 without
 * its second-order correction.
 */
import { ok } from '../problem.ts';
import { alphasCumulative, withoutZero } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, respacingRows, sigmaRangeRows, spacingRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { logarithm, multiply, square, squareRoot, subtract } from './float32.ts';
import { combine } from './linear-combination.ts';
import { linspaceFloat32 } from './linspace.ts';
import { choice, flag, refuseTogether } from './option-table.ts';
import { addSigmaNoise, initialSigma, originalAtSigma, scaleToUnit } from './sigma-space.ts';
import { interpolate, logarithms, noiseLevel, noiseLevels, respace, spacingConflict, timestepOf } from './sigmas.ts';
import { spaceTimesteps } from './timesteps.ts';

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
  create(options, { steps }) {
    const conflict = spacingConflict(options);
    if (conflict) return refuseTogether('EulerDiscreteScheduler', 'use_karras_sigmas', conflict);
    const alphas = alphasCumulative(options);
    const levels = noiseLevels(options.rescale_betas_zero_snr ? withoutZero(alphas) : alphas);
    const logTable = logarithms(levels);
    let timesteps = spaceTimesteps(options, steps).map(Math.fround);
    let spaced: ArrayLike<number> =
      options.interpolation_type === 'linear'
        ? timesteps.map((timestep) => interpolate(levels, timestep))
        : linspaceFloat32(logTable.at(-1) ?? 0, logTable[0] ?? 0, steps + 1).map((value) => Math.exp(value));
    const range = { min: options.sigma_min ?? spaced[spaced.length - 1] ?? 0, max: options.sigma_max ?? spaced[0] ?? 0 };
    const respaced = respace(options, range, steps);
    if (respaced) {
      spaced = respaced;
      timesteps = respaced.map((sigma) => Math.fround(timestepOf(sigma, logTable)));
    }
    const last = options.final_sigmas_type === 'zero' ? 0 : noiseLevel(alphas[0] ?? 0);
    const sigmas = Float32Array.from([...Array.from(spaced), last]);
    if (options.timestep_type === 'continuous' && options.prediction_type === 'v_prediction') {
      timesteps = Array.from(sigmas.subarray(0, -1), (sigma) => multiply(0.25, logarithm(sigma)));
    }
    const at = (index: number): number => sigmas[index] ?? Number.NaN;
    return ok({
      timesteps,
      sigmas: Array.from(sigmas),
      initNoiseSigma: initialSigma(sigmas, options.timestep_spacing),
      scaleModelInput: (sample, index) => scaleToUnit(sample, at(index)),
      step(modelOutput, index, sample, draw, { sChurn = 0, sTmin = 0, sTmax = Number.POSITIVE_INFINITY, sNoise = 1 } = {}) {
        const sigma = at(index);
        const gamma = sigma >= sTmin && sigma <= sTmax ? Math.min(sChurn / (sigmas.length - 1), Math.SQRT2 - 1) : 0;
        const raised = multiply(sigma, gamma + 1);
        let start = sample;
        if (gamma > 0) {
          const deviation = squareRoot(subtract(square(raised), square(sigma)));
          start = combine([1, sample], [sNoise * deviation, draw(sample.length)]);
        }
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
