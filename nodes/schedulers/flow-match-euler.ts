/**
 * Euler's method on the straight paths of flow matching: Lipman et al. 2022 (arXiv 2210.02747), Esser et al. 2024 (arXiv
 * 2403.03206), equations 1, 2 and 23; x = (1 - σ) · original + σ · noise, and the network predicts noise - original.
 */
import { ok } from '../problem.ts';
import { respacingRows, sigmaRangeRows } from './common-options.ts';
import { defineScheduler, type SchedulerRequest } from './define-scheduler.ts';
import { divide, multiply, subtract } from './float32.ts';
import { dynamicMu, shiftSigma } from './flow-shift.ts';
import { combine } from './linear-combination.ts';
import { linspace } from './linspace.ts';
import { choice, flag, integer, number, type OptionValues, optionalNumber, refuseTogether } from './option-table.ts';
import { respace, spacingConflict } from './sigmas.ts';

const NAME = 'FlowMatchEulerDiscreteScheduler';

const OPTIONS = {
  num_train_timesteps: integer(1000, 1, 1_000_000),
  shift: number(1),
  use_dynamic_shifting: flag(false),
  base_shift: number(0.5),
  max_shift: number(1.15),
  base_image_seq_len: integer(256, 1),
  max_image_seq_len: integer(4096, 1),
  invert_sigmas: flag(false),
  shift_terminal: optionalNumber(),
  ...respacingRows(),
  ...sigmaRangeRows(),
  time_shift_type: choice('exponential', ['exponential', 'linear']),
  stochastic_sampling: flag(false),
};
type Options = OptionValues<typeof OPTIONS>;

/** diffusers' FlowMatchEulerDiscreteScheduler. */
export const flowMatchEuler = defineScheduler({
  className: NAME,
  options: OPTIONS,
  predictionType: 'flow_prediction',
  create(options, request) {
    const conflict = spacingConflict(options);
    if (conflict) return refuseTogether(NAME, 'use_karras_sigmas', conflict);
    const factor = shiftFactor(options, request);
    if (factor === undefined) {
      return refuseTogether(NAME, 'use_dynamic_shifting', 'use_dynamic_shifting is per picture size and needs the shape of the sample');
    }
    const spaced = Float32Array.from(schedule(options, factor, request.steps));
    const levels = options.invert_sigmas ? spaced.map((sigma) => 1 - sigma) : spaced;
    const sigmas = Float32Array.from([...levels, options.invert_sigmas ? 1 : 0]);
    const at = (index: number): number => sigmas[index] ?? Number.NaN;
    return ok({
      timesteps: Array.from(levels, (sigma) => multiply(sigma, options.num_train_timesteps)),
      sigmas: Array.from(sigmas),
      initNoiseSigma: 1,
      step(modelOutput, index, sample, draw) {
        const sigma = at(index);
        const next = at(index + 1);
        // Inverted, σ counts the signal and the path is walked the other way (Mochi).
        const distance = options.invert_sigmas && !options.stochastic_sampling ? sigma - 1 : sigma;
        const original = combine([1, sample], [-distance, modelOutput]);
        const moved = options.stochastic_sampling
          ? combine([subtract(1, next), original], [next, draw(sample.length)])
          : combine([1, sample], [subtract(next, sigma), modelOutput]);
        return { sample: moved, predictedOriginal: original };
      },
      addNoise: (original, noise, index) => combine([subtract(1, at(index)), original], [at(index), noise]),
    });
  },
});

/** The factor that noise levels are shifted by; undefined when it depends on a size that is not known. */
function shiftFactor(options: Options, request: SchedulerRequest): number | undefined {
  if (!options.use_dynamic_shifting) return options.shift;
  const mu = dynamicMu(options, request);
  if (mu === undefined) return undefined;
  return options.time_shift_type === 'exponential' ? Math.exp(mu) : mu;
}

/**
 * Falling levels before inversion. A fixed shift is applied twice, as diffusers does: the range's ends come from a schedule that
 * was shifted already.
 */
function schedule(options: Options, factor: number, steps: number): number[] {
  const train = options.num_train_timesteps;
  const end = (timestep: number): number => {
    const sigma = divide(timestep, train);
    if (options.use_dynamic_shifting) return sigma;
    return divide(multiply(options.shift, sigma), 1 + multiply(options.shift - 1, sigma));
  };
  let sigmas = linspace(end(train) * train, end(1) * train, steps).map((timestep) => shiftSigma(timestep / train, factor));
  if (options.shift_terminal) {
    const scale = (1 - (sigmas.at(-1) ?? 0)) / (1 - options.shift_terminal);
    sigmas = sigmas.map((sigma) => 1 - (1 - sigma) / scale);
  }
  const range = { min: options.sigma_min ?? sigmas.at(-1) ?? 0, max: options.sigma_max ?? sigmas[0] ?? 0 };
  return respace(options, range, steps) ?? sigmas;
}
