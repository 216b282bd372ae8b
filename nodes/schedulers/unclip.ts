/**
 * DDPM (`ddpm.ts`) as karlo's unCLIP trains it: the cosine schedule, and timesteps that reach both ends of it. Ramesh et al. 2022
 * (arXiv 2204.06125).
 */
import { ok } from '../problem.ts';
import { alphaTable } from './alpha-table.ts';
import { alphasCumulative, betasOf } from './betas.ts';
import { clipRows } from './common-options.ts';
import { addScaled, learnedDeviation, posterior, smallDeviation } from './ddpm-posterior.ts';
import { defineScheduler } from './define-scheduler.ts';
import { limitOriginal } from './limit-original.ts';
import { combine } from './linear-combination.ts';
import { roundHalfEven } from './linspace.ts';
import { choice, integer, refuseTogether } from './option-table.ts';
import { mixOf, originalFrom } from './predict.ts';
import { splitChannels } from './split-channels.ts';

const NAME = 'UnCLIPScheduler';

/** diffusers' UnCLIPScheduler. Like its `step`, a call goes to the timestep below unless told otherwise (`StepOptions.toNextTimestep`). */
export const unclip = defineScheduler({
  className: NAME,
  options: {
    num_train_timesteps: integer(1000, 1, 1_000_000),
    variance_type: choice('fixed_small_log', ['fixed_small_log', 'learned_range']),
    ...clipRows(true),
    prediction_type: choice('epsilon', ['epsilon', 'sample']),
    beta_schedule: choice('squaredcos_cap_v2', ['squaredcos_cap_v2']),
  },
  create(options, { steps, shape }) {
    const { num_train_timesteps: train } = options;
    if (steps < 2 || steps > train) return refuseTogether(NAME, 'steps', `there can be 2 to ${train} steps, and ${steps} are asked for`);
    const limit = limitOriginal(NAME, options, shape);
    if (!limit.ok) return limit;
    const training = { ...options, beta_start: 0, beta_end: 0, trained_betas: null };
    const betas = betasOf(training);
    const table = alphaTable(alphasCumulative(training), 1);
    const ratio = (train - 1) / (steps - 1);
    const timesteps = Array.from({ length: steps }, (_, index) => roundHalfEven((steps - 1 - index) * ratio));
    const at = (index: number): number => timesteps[index] ?? -1;
    const learned = options.variance_type === 'learned_range';
    return ok({
      timesteps,
      initNoiseSigma: 1,
      step(modelOutput, index, sample, draw, { toNextTimestep = false } = {}) {
        const isDouble = learned && modelOutput.length === 2 * sample.length;
        const [mean, range] = isDouble ? splitChannels(modelOutput, shape?.[0] ?? 1) : [modelOutput, undefined];
        const product = table.at(at(index));
        const to = toNextTimestep ? at(index + 1) : at(index) - 1;
        const moments = posterior(product, table.at(to), to === at(index) - 1 ? betas[at(index)] : undefined);
        const original = limit.value(originalFrom(options.prediction_type, mixOf(product), mean, sample));
        const next = combine([moments.onOriginal, original], [moments.onSample, sample]);
        if (at(index) <= 0) return { sample: next, predictedOriginal: original };
        const noise = draw(sample.length);
        const fixed = smallDeviation(moments);
        return {
          sample: addScaled(next, noise, range ? (i) => learnedDeviation(moments, range[i] ?? 0) : () => fixed),
          predictedOriginal: original,
        };
      },
      addNoise: (original, noise, index) => table.addNoise(original, noise, at(index)),
    });
  },
});
