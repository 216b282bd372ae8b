/**
 * Euler's method on EDM's preconditioned networks, with optional churn: Karras et al. 2022 (arXiv 2206.00364), algorithm 2
 * without its second-order correction.
 */
import { ok } from '../problem.ts';
import { churn } from './churn.ts';
import { defineScheduler } from './define-scheduler.ts';
import { edmInput, edmOriginal, edmRows, edmSigmas, edmTimestep } from './edm.ts';
import { subtract } from './float32.ts';
import { combine } from './linear-combination.ts';
import { linspace } from './linspace.ts';
import { choice } from './option-table.ts';
import { addSigmaNoise } from './sigma-space.ts';

/** diffusers' EDMEulerScheduler. */
export const edmEuler = defineScheduler({
  className: 'EDMEulerScheduler',
  options: { ...edmRows(), prediction_type: choice('epsilon', ['epsilon', 'v_prediction']) },
  create(options, { steps }) {
    const spaced = edmSigmas(options, linspace(0, 1, steps));
    const last = options.final_sigmas_type === 'zero' ? 0 : (spaced.at(-1) ?? 0);
    const sigmas = Float32Array.from([...spaced, last]);
    const at = (index: number): number => sigmas[index] ?? Number.NaN;
    return ok({
      timesteps: Array.from(spaced, edmTimestep),
      sigmas: Array.from(sigmas),
      initNoiseSigma: Math.sqrt(options.sigma_max ** 2 + 1),
      scaleModelInput: (sample, index) => edmInput(sample, at(index), options.sigma_data),
      step(modelOutput, index, sample, draw, stepOptions) {
        const { raised, start } = churn(at(index), sigmas.length - 1, sample, draw, stepOptions);
        const original = edmOriginal(options.prediction_type, raised, options.sigma_data, modelOutput, start);
        const move = subtract(at(index + 1), raised) / raised;
        return { sample: combine([1 + move, start], [-move, original]), predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addSigmaNoise(original, noise, at(index)),
    });
  },
});
