// The denoising loop: noise in, a picture's latents out.
import { defineNode } from '../define-node.ts';
import { checkSpace } from '../latent/latent-space.ts';
import { repeatForSeeds } from '../latent/repeat-rows.ts';
import { ok } from '../problem.ts';
import type { Tensor } from '../tensor.ts';
import { struct } from '../types/socket-type.ts';
import { checkConditioning } from './conditioning-fit.ts';
import { runSampler } from './run-sampler.ts';
import { drawnFields, judgeSamplerInputs, SAMPLER_PARAMS } from './sampler-params.ts';
import { refuseShares } from './schedule-part.ts';

export const sampler = defineNode({
  id: 'sampling.sampler',
  version: 1,
  title: 'Sampler',
  category: 'sampling',
  summary: 'Draws a picture out of noise, step by step, guided by text.',
  docs: `
Starts from noise of the seed, or from the given latent with noise added, and lets the model remove it in **Steps** steps. The same
checkpoint, seed, steps and scheduler give the same latents as diffusers; noise is that of torch's CPU generator, but for the last digit of some
numbers, in which torch differs between processors too.

- **Guidance** is classifier-free guidance (Ho and Salimans 2022): how far each step goes from what the model draws without the prompt
  (or with the negative one) towards what it draws with it. At 1 or below there is no second pass. Models distilled to take the scale
  as an input (LCM) get it so. **Rescale** (Lin et al. 2023) tames over-exposure at high guidance.
- **Scheduler** is the model's own (\`default\`), a name such as \`euler_ancestral\` or \`dpmpp_2m_karras\` (all in docs/schedulers.md), or
  diffusers' scheduler configuration as JSON. **Eta** is DDIM's and TCD's noise; others pass it over.
- **Strength** is how much of a given latent is drawn anew: 1 everything, 0.3 little. Of the steps, the last \`int(steps · strength)\` run.
  For an empty latent it must be 1.
- **Guide from** and **until** (Kynkäänniemi et al. 2024): outside of these shares of the steps there is no guidance, and one pass instead of two.
- **Denoise from** and **until** are shares of the noise schedule: 0 is pure noise, 1 the clean picture. A sampler until 0.8 gives a latent that still has
  its noise, and one from 0.8 with as many **Steps** takes it from there: with another model (SDXL's base and refiner), text or guidance. These are
  diffusers' \`denoising_end\` and \`denoising_start\`: with T timesteps in training, those below T − T · share come after the boundary. From
  a share above 0, no noise is added to the latent, and Strength must stay 1; with a scheduler that draws noise, give it another seed, or the first
  noise comes again.
- **Seed** is a 64-bit whole number, or a list with one for each picture of the batch; one picture, or an empty latent for one, is drawn once
  with each. **Variation** goes by so much of the way from its noise to that of **Variation seed** (slerp), which changes a picture a little.

Latents in and out are float32 [batch, channels, height, width], multiplied by the autoencoder's scaling factor. Every step shows the clean
picture as the model sees it then; **Frames** keeps some of them for a film strip.`,
  inputs: {
    model: { type: 'model', title: 'Model', doc: 'The denoising network.' },
    positive: { type: 'conditioning', title: 'Positive', doc: 'What the picture should show.' },
    negative: {
      type: 'conditioning',
      title: 'Negative',
      doc: 'What it should not show. Needed where guidance is above 1.',
      optional: true,
    },
    latent: { type: 'latent', title: 'Latent', doc: 'An empty one for a new picture, or an encoded picture to draw on.' },
  },
  outputs: {
    latent: { type: 'latent', title: 'Latent', doc: 'The finished latents.' },
    frames: { type: 'latent', title: 'Frames', doc: 'x̂₀ of the first picture at evenly spaced steps, as a batch.' },
  },
  params: {
    ...SAMPLER_PARAMS,
    guidanceStart: {
      kind: 'number',
      title: 'Guide from',
      doc: 'The share of the steps where guidance begins.',
      default: 0,
      min: 0,
      max: 1,
      step: 0.05,
      advanced: true,
    },
    guidanceEnd: {
      kind: 'number',
      title: 'Guide until',
      doc: 'The share of the steps where guidance ends.',
      default: 1,
      min: 0,
      max: 1,
      step: 0.05,
      advanced: true,
    },
    denoisingStart: {
      kind: 'number',
      title: 'Denoise from',
      doc: 'The share of the noise schedule that is done already; above 0, the latent comes with its noise.',
      default: 0,
      min: 0,
      max: 1,
      step: 0.05,
      advanced: true,
    },
    denoisingEnd: {
      kind: 'number',
      title: 'Denoise until',
      doc: 'The share of the noise schedule after which the rest of the noise is left in.',
      default: 1,
      min: 0,
      max: 1,
      step: 0.05,
      advanced: true,
    },
    variation: {
      kind: 'number',
      title: 'Variation',
      doc: 'How far the noise goes towards that of another seed.',
      default: 0,
      min: 0,
      max: 1,
      step: 0.05,
      advanced: true,
    },
    variationSeed: { kind: 'seed', title: 'Variation seed', doc: 'The other seed.', default: '0', advanced: true },
    frames: {
      kind: 'int',
      title: 'Frames',
      doc: 'How many steps the output Frames shows, from the first to the last; 1 is the last alone.',
      default: 1,
      min: 1,
      max: 1000,
      advanced: true,
    },
  },
  outputTypes({ model, positive, negative, latent }, params, context) {
    const { guidance, scheduler, frames, seed, strength, denoisingStart: start, denoisingEnd: end } = params;
    judgeSamplerInputs(context, { model, positive, negative, latent }, ['positive'], { guidance, scheduler });
    const refused = start === undefined || end === undefined ? undefined : refuseShares({ start, end }, strength);
    if (refused !== undefined) context.refuse(refused.socket, `${context.title}: ${refused.message}`);
    const fields = drawnFields(model, latent, seed);
    return {
      latent: struct('latent', fields),
      // Fewer where there are fewer steps.
      frames: struct('latent', { ...fields, batch: frames === undefined ? undefined : [1, frames] }),
    };
  },
  async evaluate({ model, positive, negative, latent }, params, context) {
    const misfit =
      checkSpace('Sampler', model.space, latent.space) ??
      checkConditioning(model, 'positive', positive) ??
      (negative === undefined ? undefined : checkConditioning(model, 'negative', negative));
    if (misfit !== undefined) return misfit;
    const { guidanceStart, guidanceEnd, denoisingStart, denoisingEnd, variation, variationSeed, ...rest } = params;
    const request = {
      ...rest,
      latent: repeatForSeeds(latent, params.seed),
      interval: { start: guidanceStart, end: guidanceEnd },
      denoising: { start: denoisingStart, end: denoisingEnd },
      variation: { seed: variationSeed, strength: variation },
    };
    const drawn = await runSampler({ model, positive, negative, ...request }, context);
    if (!drawn.ok) return drawn;
    const of = (samples: Tensor) => ({ kind: 'latent' as const, samples, space: model.space });
    return ok({ latent: of(drawn.value.samples), frames: of(drawn.value.frames) });
  },
});
