/**
 * DPM-Solver++ as an SDE (`dpm-solver-multistep.ts`) on EDM's levels with a cosine timestep, for Stable Audio: Evans et al. 2024 (arXiv
 * 2407.14358). The noise is one Brownian path.
 */
import { ok } from '../problem.ts';
import { wholeIncrement } from './brownian-step.ts';
import { defineScheduler } from './define-scheduler.ts';
import { multistepOrder, multistepTerms } from './dpm-solver-steps.ts';
import { stepWeights } from './dpm-solver-weights.ts';
import { edmInput, edmOriginal, edmSigmas } from './edm.ts';
import { divide, multiply } from './float32.ts';
import { combine } from './linear-combination.ts';
import { linspaceFloat32 } from './linspace.ts';
import { choice, flag, integer, number, refuseTogether } from './option-table.ts';
import { addSigmaNoise } from './sigma-space.ts';
import { type Level, unscaledLevelOf } from './solver-space.ts';

const NAME = 'CosineDPMSolverMultistepScheduler';

/** diffusers' CosineDPMSolverMultistepScheduler. */
export const cosineDpmSolverMultistep = defineScheduler({
  className: NAME,
  options: {
    sigma_min: number(0.3),
    sigma_max: number(500),
    sigma_data: number(1),
    sigma_schedule: choice('exponential', ['exponential', 'karras']),
    num_train_timesteps: integer(1000, 1, 1_000_000),
    solver_order: integer(2, 1, 2),
    prediction_type: choice('v_prediction', ['v_prediction', 'epsilon']),
    rho: number(7),
    solver_type: choice('midpoint', ['midpoint', 'heun'], { logrho: 'midpoint', bh1: 'midpoint', bh2: 'midpoint' }),
    lower_order_final: flag(true),
    euler_at_final: flag(false),
    final_sigmas_type: choice('zero', ['zero', 'sigma_min']),
  },
  create(options, { steps }, memory) {
    const { sigma_min: min, sigma_max: max, sigma_data: data } = options;
    if (!(min > 0 && max > min)) return refuseTogether(NAME, 'sigma_min', 'sigma_max must be above sigma_min, and sigma_min above 0');
    const spaced = edmSigmas(options, linspaceFloat32(0, 1, steps));
    const sigmas = Float32Array.from([...spaced, options.final_sigmas_type === 'zero' ? 0 : min]);
    const levels = Array.from(sigmas, unscaledLevelOf);
    const at = (index: number): Level => levels[index] ?? unscaledLevelOf(Number.NaN);
    return ok({
      brownian: { min, max, seed: null },
      timesteps: Array.from(spaced, (sigma) => multiply(divide(Math.atan(sigma), Math.PI), 2)),
      sigmas: Array.from(sigmas),
      initNoiseSigma: Math.sqrt(max ** 2 + 1),
      scaleModelInput: (sample, index) => edmInput(sample, at(index).sigma, data),
      step(modelOutput, index, sample, draw, { brownian } = {}) {
        const original = edmOriginal(options.prediction_type, at(index).sigma, data, modelOutput, sample);
        memory.remember(original, options.solver_order);
        const order = multistepOrder(options, index, steps, memory.calls);
        const weights = stepWeights('sde-dpmsolver++', at(index), at(index + 1));
        const terms = multistepTerms(order, options.solver_type, weights, at, index, memory);
        const [from, end] = [at(index).sigma, at(index + 1).sigma];
        const noise = wholeIncrement({ from, middle: from, end, count: sample.length }, null, draw, brownian);
        return { sample: combine([weights.sample, sample], ...terms, [weights.noise, noise]), predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addSigmaNoise(original, noise, at(index).sigma),
    });
  },
});
