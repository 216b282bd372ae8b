/**
 * DPM-Solver++ (Lu et al. 2022, arXiv 2211.01095, algorithm 2, and its SDE variant) on EDM's preconditioned networks and noise
 * levels (Karras et al. 2022, arXiv 2206.00364, table 1): samples are not scaled, so that α = 1 and λ = -log σ.
 */
import { ok } from '../problem.ts';
import { thresholdRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { multistepOrder, multistepTerms } from './dpm-solver-steps.ts';
import { stepWeights } from './dpm-solver-weights.ts';
import { edmInput, edmOriginal, edmRows, edmSigmas, edmTimestep } from './edm.ts';
import { limitOriginal } from './limit-original.ts';
import { combine, type Term } from './linear-combination.ts';
import { linspaceFloat32 } from './linspace.ts';
import { choice, flag, integer, refuseTogether } from './option-table.ts';
import { addSigmaNoise } from './sigma-space.ts';
import { type Level, unscaledLevelOf } from './solver-space.ts';

const NAME = 'EDMDPMSolverMultistepScheduler';

/** diffusers' EDMDPMSolverMultistepScheduler. */
export const edmDpmSolverMultistep = defineScheduler({
  className: NAME,
  options: {
    ...edmRows(),
    ...thresholdRows(),
    prediction_type: choice('epsilon', ['epsilon', 'v_prediction']),
    solver_order: integer(2, 1, 3),
    algorithm_type: choice('dpmsolver++', ['dpmsolver++', 'sde-dpmsolver++'], { deis: 'dpmsolver++' }),
    solver_type: choice('midpoint', ['midpoint', 'heun'], { logrho: 'midpoint', bh1: 'midpoint', bh2: 'midpoint' }),
    lower_order_final: flag(true),
    euler_at_final: flag(false),
  },
  create(options, { steps, shape }, memory) {
    const limit = limitOriginal(NAME, options, shape);
    if (!limit.ok) return limit;
    const stochastic = options.algorithm_type === 'sde-dpmsolver++';
    const spaced = edmSigmas(options, linspaceFloat32(0, 1, steps));
    const sigmas = Float32Array.from([...spaced, options.final_sigmas_type === 'zero' ? 0 : options.sigma_min]);
    if (stochastic && Array.from(spaced).some((_, index) => multistepOrder(options, index, steps, index) === 3)) {
      return refuseTogether(NAME, 'solver_order', 'algorithm_type sde-dpmsolver++ has no third order here; take solver_order 1 or 2');
    }
    const levels = Array.from(sigmas, unscaledLevelOf);
    const at = (index: number): Level => levels[index] ?? unscaledLevelOf(Number.NaN);
    return ok({
      timesteps: Array.from(spaced, edmTimestep),
      sigmas: Array.from(sigmas),
      initNoiseSigma: Math.sqrt(options.sigma_max ** 2 + 1),
      scaleModelInput: (sample, index) => edmInput(sample, at(index).sigma, options.sigma_data),
      step(modelOutput, index, sample, draw) {
        const original = limit.value(edmOriginal(options.prediction_type, at(index).sigma, options.sigma_data, modelOutput, sample));
        memory.remember(original, options.solver_order);
        const order = multistepOrder(options, index, steps, memory.calls);
        const weights = stepWeights(options.algorithm_type, at(index), at(index + 1));
        const terms = multistepTerms(order, options.solver_type, weights, at, index, memory);
        const noise: readonly Term[] = stochastic ? [[weights.noise, draw(sample.length)]] : [];
        return { sample: combine([weights.sample, sample], ...terms, ...noise), predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addSigmaNoise(original, noise, at(index).sigma),
    });
  },
});
