/**
 * Heun's second-order method (Karras et al. 2022, arXiv 2206.00364, algorithm 1) on the straight paths of flow matching (Esser
 * et al. 2024, arXiv 2403.03206, equations 1, 2 and 23); each step but the last takes two calls.
 */
import { ok } from '../problem.ts';
import { churn } from './churn.ts';
import { defineScheduler } from './define-scheduler.ts';
import { add, divide, multiply, subtract } from './float32.ts';
import { shiftSigma } from './flow-shift.ts';
import { combine } from './linear-combination.ts';
import { linspace } from './linspace.ts';
import { integer, number } from './option-table.ts';

/** diffusers' FlowMatchHeunDiscreteScheduler. */
export const flowMatchHeun = defineScheduler({
  className: 'FlowMatchHeunDiscreteScheduler',
  options: { num_train_timesteps: integer(1000, 1, 1_000_000), shift: number(1) },
  predictionType: 'flow_prediction',
  create({ num_train_timesteps: train, shift }, { steps }, memory) {
    // Shifted twice, as in diffusers: the range's ends come from a schedule that was shifted already.
    const end = (timestep: number): number => {
      const sigma = divide(timestep, train);
      return divide(multiply(shift, sigma), add(1, multiply(shift - 1, sigma)));
    };
    const [first = 1, ...later] = Float32Array.from(linspace(end(train) * train, end(1) * train, steps), (timestep) =>
      shiftSigma(timestep / train, shift),
    );
    const called = [first, ...later.flatMap((sigma) => [sigma, sigma])];
    const sigmas = [...called, 0];
    const at = (index: number): number => sigmas[index] ?? Number.NaN;
    return ok({
      timesteps: called.map((sigma) => multiply(sigma, train)),
      sigmas,
      initNoiseSigma: 1,
      order: 2,
      step(modelOutput, index, sample, draw, stepOptions) {
        const begun = memory.sample;
        const from = begun === null ? index : index - 1;
        // In a second call the churned sample goes unused, but its draw moves the generator on.
        const { raised, start } = churn(at(from), sigmas.length - 1, sample, draw, stepOptions);
        const original = combine([1, start], [-at(index), modelOutput]);
        const move = subtract(at(from + 1), raised);
        if (begun === null) {
          const slope = divide(at(from), raised);
          memory.sample = start;
          memory.remember(modelOutput, 1);
          return { sample: combine([1, start], [slope * move, modelOutput]), predictedOriginal: original };
        }
        const slope = divide(at(from), raised);
        memory.sample = null;
        const next = combine([1, begun], [0.5 * slope * move, memory.output(0)], [0.5 * move, modelOutput]);
        return { sample: next, predictedOriginal: original };
      },
      addNoise: (original, noise, index) => combine([subtract(1, at(index)), original], [at(index), noise]),
    });
  },
});
