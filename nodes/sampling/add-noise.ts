// The forward process: a clean latent noised to a step of the schedule.
import { defineNode } from '../define-node.ts';
import { checkSpace, refuseOtherLatent } from '../latent/latent-space.ts';
import { ok } from '../problem.ts';
import { sizeAt, tensor } from '../tensor.ts';
import { createBatchGenerator } from './batch-generator.ts';
import { stepForward } from './forward-step.ts';
import { refuseUnfitScheduler } from './scheduler-fit.ts';
import { startLatents } from './start-latents.ts';
import { openSchedule, SCHEDULE_PARAMS } from './step-schedule.ts';
import { stepSeed } from './step-seed.ts';

export const addNoise = defineNode({
  id: 'sampling.addNoise',
  version: 1,
  title: 'Add Noise',
  category: 'sampling',
  summary: 'Noises a latent to a step of the schedule: the forward process of diffusion.',
  docs: `
Jumps from the clean latent to the level that the schedule has before **Step**: √ᾱ · x₀ + √(1 − ᾱ) · ε for schedulers that keep the variance
(Ho et al. 2020, equation 4), x₀ + σ · ε for those that work on sigmas (Karras et al. 2022). Step 0 is the noisiest. An empty latent gives pure
noise of the standard deviation that the scheduler starts with. The noise is that of a Sampler with the same seed, so U-Net Steps that begin
here go the Sampler's way.

**From** \`before\` goes a single step forward instead: the latent is at the level of the next, less noisy step of the schedule (clean, for the last one), and as much noise
is added as leads to this level. In a Repeat zone that walks the steps backwards, a picture drowns little by little, each turn with noise of **Seed** plus
the number of the step.`,
  inputs: {
    model: { type: 'model', title: 'Model', doc: 'Whose schedule.' },
    latent: { type: 'latent', title: 'Latent', doc: 'Clean, or empty for pure noise.' },
  },
  outputs: {
    latent: { type: 'latent', title: 'Latent', doc: 'The noisy latent.' },
    noise: { type: 'latent', title: 'Noise', doc: 'The noise alone, N(0, 1).' },
  },
  params: {
    seed: { kind: 'seed', title: 'Seed', doc: 'Which noise.', default: '0' },
    ...SCHEDULE_PARAMS,
    from: {
      kind: 'choice',
      title: 'From',
      doc: 'How noisy the latent is already.',
      default: 'clean',
      options: { clean: 'A clean latent', before: 'One step less noisy' },
    },
  },
  outputTypes({ model, latent }, { scheduler }, context) {
    refuseUnfitScheduler(context, scheduler, model);
    refuseOtherLatent(context, model, latent);
    return latent === undefined ? {} : { latent, noise: latent };
  },
  async evaluate({ model, latent }, { seed, from, ...schedule }, context) {
    context.signal.throwIfCancelled();
    const other = checkSpace('Add Noise', model.space, latent.space);
    if (other !== undefined) return other;
    const { shape } = latent.samples;
    const scheduler = openSchedule('Add Noise', model, shape, schedule);
    if (!scheduler.ok) return scheduler;
    const generator = createBatchGenerator(from === 'clean' ? seed : stepSeed(seed, schedule.step), sizeAt(latent.samples, 0));
    if (!generator.ok) return generator;
    const of = (data: Float32Array) => ({ kind: 'latent' as const, samples: tensor(data, shape), space: latent.space });
    if (from === 'before') {
      const noise = generator.value.draw(latent.samples.data.length);
      return ok({ latent: of(stepForward(scheduler.value, schedule.step, latent.samples.data, noise)), noise: of(noise) });
    }
    const start = startLatents(latent, scheduler.value, { begin: schedule.step, isFullStrength: true }, false, generator.value);
    return ok({ latent: of(start.latents), noise: of(start.noise) });
  },
});
