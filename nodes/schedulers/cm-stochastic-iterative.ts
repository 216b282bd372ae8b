/** Multistep sampling of consistency models: Song et al. 2023 (arXiv 2303.01469), algorithm 1 and appendix C. */
import { ok } from '../problem.ts';
import { defineScheduler } from './define-scheduler.ts';
import { edmInput } from './edm.ts';
import { divide, multiply, square, squareRoot, subtract } from './float32.ts';
import { limitOriginal } from './limit-original.ts';
import { combine } from './linear-combination.ts';
import { flag, integer, number, refuseTogether } from './option-table.ts';
import { addSigmaNoise } from './sigma-space.ts';
import { karrasSigmas } from './sigmas.ts';

const NAME = 'CMStochasticIterativeScheduler';

/** diffusers' CMStochasticIterativeScheduler. */
export const cmStochasticIterative = defineScheduler({
  className: NAME,
  // A consistency function gives the clean sample, which the step scales together.
  predictionType: 'sample',
  options: {
    num_train_timesteps: integer(40, 2, 1_000_000),
    sigma_min: number(0.002),
    sigma_max: number(80),
    sigma_data: number(0.5),
    s_noise: number(1),
    rho: number(7),
    clip_denoised: flag(true),
  },
  create(options, { steps, shape }) {
    const { num_train_timesteps: train, sigma_min: min, sigma_max: max, sigma_data: data } = options;
    if (steps > train)
      return refuseTogether(NAME, 'num_train_timesteps', `there can be ${train} steps at most, and ${steps} are asked for`);
    if (!(min > 0 && max > min)) return refuseTogether(NAME, 'sigma_min', 'sigma_max must be above sigma_min, and sigma_min above 0');
    const limit = limitOriginal(NAME, { clip_sample: options.clip_denoised }, shape);
    if (!limit.ok) return limit;
    const stride = Math.floor(train / steps);
    const ramp = Array.from({ length: steps }, (_, index) => (index * stride) / (train - 1));
    const levels = karrasSigmas({ min, max }, ramp, options.rho);
    const sigmas = Float32Array.from([...levels, min]);
    const at = (index: number): number => sigmas[index] ?? Number.NaN;
    return ok({
      timesteps: levels.map((sigma) => 1000 * 0.25 * Math.log(sigma + 1e-44)),
      sigmas: Array.from(sigmas),
      initNoiseSigma: max,
      scaleModelInput: (sample, index) => edmInput(sample, at(index), data),
      step(modelOutput, index, sample, draw) {
        const sigma = at(index);
        const above = subtract(sigma, min);
        const skip = divide(data ** 2, square(above) + data ** 2);
        const out = divide(multiply(above, data), squareRoot(square(sigma) + data ** 2));
        const original = limit.value(combine([out, modelOutput], [skip, sample]));
        if (steps === 1) return { sample: original, predictedOriginal: original };
        const next = Math.min(Math.max(at(index + 1), Math.fround(min)), Math.fround(max));
        const scale = options.s_noise * squareRoot(subtract(square(next), min ** 2));
        return { sample: combine([1, original], [scale, draw(sample.length)]), predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addSigmaNoise(original, noise, at(index)),
    });
  },
});
