// What a scheduler makes of a prediction, taken apart.
import { defineNode } from '../define-node.ts';
import { checkSpace, refuseOtherLatent } from '../latent/latent-space.ts';
import { fail, ok } from '../problem.ts';
import { sizeAt, tensor } from '../tensor.ts';
import { createBatchGenerator } from './batch-generator.ts';
import { refuseUnfitScheduler } from './scheduler-fit.ts';
import { openSchedule, SCHEDULE_PARAMS } from './step-schedule.ts';
import { stepSeed } from './step-seed.ts';

export const schedulerStep = defineNode({
  id: 'sampling.schedulerStep',
  version: 1,
  title: 'Scheduler Step',
  category: 'sampling',
  summary: 'Goes one step of the schedule, by a prediction: the second half of a U-Net Step.',
  docs: `
Takes the noisy latent that a U-Net Step was given and a prediction made from it, and gives the latent a step less noisy and the clean picture
x̂₀ that the prediction stands for. With the same model, scheduler, steps and seed as the U-Net Step, and its guided prediction, it gives what the
U-Net Step gives, to the bit.`,
  inputs: {
    model: { type: 'model', title: 'Model', doc: 'Whose schedule.' },
    latent: { type: 'latent', title: 'Latent', doc: 'Noisy, as the step finds it.' },
    prediction: { type: 'latent', title: 'Prediction', doc: 'What a denoiser says of it.' },
  },
  outputs: {
    latent: { type: 'latent', title: 'Latent', doc: 'A step less noisy.' },
    clean: { type: 'latent', title: 'Clean', doc: 'x̂₀: the picture that the prediction stands for.' },
  },
  params: { ...SCHEDULE_PARAMS, seed: { kind: 'seed', title: 'Seed', doc: 'For schedulers that draw noise in each step.', default: '0' } },
  outputTypes({ model, latent }, { scheduler }, context) {
    refuseUnfitScheduler(context, scheduler, model);
    refuseOtherLatent(context, model, latent);
    return latent === undefined ? {} : { latent, clean: latent };
  },
  async evaluate({ model, latent, prediction }, { seed, ...schedule }, context) {
    context.signal.throwIfCancelled();
    const other = checkSpace('Scheduler Step', model.space, latent.space);
    if (other !== undefined) return other;
    const { samples, space } = latent;
    if (samples.shape.join() !== prediction.samples.shape.join()) {
      const sentence = `Scheduler Step gets a prediction of [${prediction.samples.shape.join(', ')}] for a latent of [${samples.shape.join(', ')}]. Wire the prediction made from this latent.`;
      return fail('node.invalidInput', sentence, { socket: 'prediction' });
    }
    const scheduler = openSchedule('Scheduler Step', model, samples.shape, schedule);
    if (!scheduler.ok) return scheduler;
    const generator = createBatchGenerator(stepSeed(seed, schedule.step), sizeAt(samples, 0));
    if (!generator.ok) return generator;
    const next = scheduler.value.step(prediction.samples.data, schedule.step, samples.data, generator.value.draw, {
      toNextTimestep: true,
      eta: 0,
    });
    const of = (data: Float32Array) => ({ kind: 'latent' as const, samples: tensor(data, samples.shape), space });
    return ok({ latent: of(next.sample), clean: of(next.predictedOriginal) });
  },
});
