// One denoising step, taken apart.
import { defineNode } from '../define-node.ts';
import { checkSpace, refuseOtherLatent } from '../latent/latent-space.ts';
import { fail, ok } from '../problem.ts';
import { sizeAt, tensor } from '../tensor.ts';
import { openControls } from './apply-controls.ts';
import { createBatchGenerator } from './batch-generator.ts';
import { checkConditioning, refuseOtherFamily } from './conditioning-fit.ts';
import { guideDenoiser } from './guided-denoiser.ts';
import { refuseUnfitScheduler } from './scheduler-fit.ts';
import { showProgress } from './show-progress.ts';
import { openSchedule, SCHEDULE_PARAMS } from './step-schedule.ts';
import { stepSeed } from './step-seed.ts';

export const unetStep = defineNode({
  id: 'sampling.unetStep',
  version: 1,
  title: 'U-Net Step',
  category: 'sampling',
  summary: 'One denoising step: what the model predicts, the clean picture it sees, and the latent a step less noisy.',
  docs: `
Takes a latent that is noised to the level before **Step** and does what a Sampler does in that step: asks the denoiser with and without the
prompt, guides (1 and below: one pass), and lets the scheduler go on by one. Together with Add Noise in a Repeat zone it makes a sampler built by
hand, which gives the Sampler's latents to the bit for schedulers that remember nothing from step to step and draw no noise: DDIM and Euler.
Solvers that use earlier steps (DPM++ 2M, UniPC …) begin anew in each step and so act in first order; ancestral ones draw from **Seed** plus
the number of the step.

**Prediction** is the denoiser's guided output as it is (noise, velocity or clean sample, by the model); **Clean** is the picture it sees,
x̂₀; **Guided by** is the prediction with the prompt minus that without, before it is multiplied. **Conditional** and **Unconditional** are
these two; a Guidance node puts them together in other ways, and a Scheduler Step goes on from there.`,
  inputs: {
    model: { type: 'model', title: 'Model', doc: 'The denoising network.' },
    positive: { type: 'conditioning', title: 'Positive', doc: 'What the picture should show.' },
    negative: { type: 'conditioning', title: 'Negative', doc: 'What it should not show.', optional: true },
    latent: { type: 'latent', title: 'Latent', doc: 'Noisy, as the step finds it.' },
  },
  outputs: {
    latent: { type: 'latent', title: 'Latent', doc: 'A step less noisy.' },
    clean: { type: 'latent', title: 'Clean', doc: 'x̂₀: the picture as the model sees it now.' },
    prediction: { type: 'latent', title: 'Prediction', doc: 'The denoiser’s guided output.' },
    difference: { type: 'latent', title: 'Guided by', doc: 'With the prompt minus without it; zeros where there is one pass.' },
    conditional: { type: 'latent', title: 'Conditional', doc: 'The prediction with the prompt.' },
    unconditional: {
      type: 'latent',
      title: 'Unconditional',
      doc: 'The prediction without it; the conditional one where there is one pass.',
    },
  },
  params: {
    ...SCHEDULE_PARAMS,
    guidance: { kind: 'number', title: 'Guidance', doc: 'How strictly the prompt is followed.', default: 7.5, min: 0, max: 100, step: 0.5 },
    seed: { kind: 'seed', title: 'Seed', doc: 'For schedulers that draw noise in each step.', default: '0' },
  },
  outputTypes({ model, positive, negative, latent }, { scheduler }, context) {
    refuseUnfitScheduler(context, scheduler, model);
    refuseOtherFamily(context, model, 'positive', positive);
    refuseOtherFamily(context, model, 'negative', negative);
    refuseOtherLatent(context, model, latent);
    return latent === undefined
      ? {}
      : { latent, clean: latent, prediction: latent, difference: latent, conditional: latent, unconditional: latent };
  },
  async evaluate({ model, positive, negative, latent }, { guidance, seed, ...schedule }, context) {
    context.signal.throwIfCancelled();
    const misfit =
      checkSpace('U-Net Step', model.space, latent.space) ??
      checkConditioning(model, 'positive', positive) ??
      (negative === undefined ? undefined : checkConditioning(model, 'negative', negative));
    if (misfit !== undefined) return misfit;
    if (model.inChannels !== model.space.channels) {
      const sentence = `U-Net Step cannot use ${model.checkpoint.name}: it was made for inpainting and wants a picture with a hole. Use the Sampler.`;
      return fail('model.unsupported', sentence, { socket: 'model' });
    }
    const { samples, space } = latent;
    const [batch, height, width] = [sizeAt(samples, 0), sizeAt(samples, 2), sizeAt(samples, 3)];
    const scheduler = openSchedule('U-Net Step', model, samples.shape, schedule);
    if (!scheduler.ok) return scheduler;
    const generator = createBatchGenerator(stepSeed(seed, schedule.step), batch);
    if (!generator.ok) return generator;
    const request = { model, positive, negative, guidance, rescale: 0, steps: schedule.steps };
    const controls = await openControls('U-Net Step', request, samples, context.models);
    if (!controls.ok) return controls;
    const kinds = controls.value === undefined ? {} : { controlled: controls.value.kinds };
    const denoiser = await context.models.openDenoiser(model, { batch, height, width, ...kinds });
    if (!denoiser.ok) return denoiser;
    const guided = guideDenoiser('U-Net Step', request, samples, denoiser.value, undefined, controls.value);
    if (!guided.ok) return guided;
    const { step } = schedule;
    const scaled = scheduler.value.scaleModelInput(samples.data, step);
    const { timesteps } = scheduler.value;
    const output = await guided.value.predict(scaled, timesteps[step] ?? 0, { index: step, total: timesteps.length });
    if (!output.ok) return output;
    const { guided: prediction } = output.value;
    const parts = output.value.parts();
    const next = scheduler.value.step(prediction.data, step, samples.data, generator.value.draw, { toNextTimestep: true, eta: 0 });
    const of = (data: Float32Array) => ({ kind: 'latent' as const, samples: tensor(data, samples.shape), space });
    const shown = await showProgress(model, tensor(next.predictedOriginal, samples.shape), context, true);
    if (!shown.ok) return shown;
    const difference = parts?.conditional.data.map((value, at) => value - (parts.unconditional.data[at] ?? 0));
    return ok({
      latent: of(next.sample),
      clean: of(next.predictedOriginal),
      prediction: of(prediction.data),
      difference: of(difference ?? new Float32Array(samples.data.length)),
      conditional: of((parts?.conditional ?? prediction).data),
      unconditional: of((parts?.unconditional ?? prediction).data),
    });
  },
});
