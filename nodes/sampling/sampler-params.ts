import type { InferenceContext } from '../define-node.ts';
import { refuseOtherLatent } from '../latent/latent-space.ts';
import { batchForSeeds } from '../latent/repeat-rows.ts';
import type { SchedulerParam, SeedParam } from '../params.ts';
import { labelOf } from '../types/describe.ts';
import { namesField, type SocketType, sizeField } from '../types/socket-type.ts';
import { refuseOtherFamily } from './conditioning-fit.ts';
import { refuseUnfitScheduler } from './scheduler-fit.ts';

/** The parameters of nodes that run the whole denoising loop. */
export const SAMPLER_PARAMS = {
  seed: { kind: 'seed', title: 'Seed', doc: 'Which noise; the same seed gives the same picture, and several give one each.', default: '0' },
  steps: { kind: 'int', title: 'Steps', doc: 'How many times the model looks at the picture.', default: 20, min: 1, max: 1000 },
  guidance: {
    kind: 'number',
    title: 'Guidance',
    doc: 'How strictly the prompt is followed; 1 is without guidance.',
    default: 7.5,
    min: 0,
    max: 100,
    step: 0.5,
  },
  scheduler: { kind: 'scheduler', title: 'Scheduler', doc: 'The sampling algorithm; “default” is the model’s own.', default: 'default' },
  strength: {
    kind: 'number',
    title: 'Strength',
    doc: 'How much of a given picture is drawn anew.',
    default: 1,
    min: 0,
    max: 1,
    step: 0.05,
  },
  eta: {
    kind: 'number',
    title: 'Eta',
    doc: 'Noise that DDIM (0 … 1) or TCD adds in each step.',
    default: null,
    min: 0,
    max: 1,
    step: 0.1,
    advanced: true,
  },
  rescale: {
    kind: 'number',
    title: 'Rescale',
    doc: 'Brings guided predictions back to the contrast of unguided ones: 0 not at all, 0.7 often.',
    default: 0,
    min: 0,
    max: 1,
    step: 0.05,
    advanced: true,
  },
} as const;

/** Says what is certainly wrong, or worth knowing, about what a denoising loop is given; `texts` are the inputs that guide. */
export function judgeSamplerInputs<T extends string>(
  context: InferenceContext,
  inputs: { readonly [K in T | 'model' | 'negative' | 'latent']: SocketType | undefined },
  texts: readonly T[],
  { guidance, scheduler }: { readonly guidance: number | undefined; readonly scheduler: SchedulerParam | undefined },
): void {
  const { model, negative, latent } = inputs;
  refuseUnfitScheduler(context, scheduler, model);
  for (const text of texts) refuseOtherFamily(context, model, text, inputs[text]);
  refuseOtherFamily(context, model, 'negative', negative);
  refuseOtherLatent(context, model, latent);
  const isTold = texts.some((text) => inputs[text] !== undefined);
  if (guidance === undefined || guidance <= 1 || negative !== undefined || !isTold || model === undefined) return;
  const families = namesField(model, 'family');
  if (families === null || families.includes('custom')) return;
  context.warn(
    'negative',
    `${context.title}: nothing is wired to Negative, so ${families.map(labelOf).join(' or ')} is guided away from nothing (zeros). Wire a Text Encoder with an empty prompt for the usual result.`,
  );
}

/** What is known of the latents that a denoising loop gives: the size of those it is given, in its model's space; one for each of several seeds. */
export function drawnFields(model: SocketType | undefined, latent: SocketType | undefined, seed: SeedParam | undefined) {
  return {
    space: namesField(latent, 'space') ?? namesField(model, 'space') ?? undefined,
    channels: sizeField(latent, 'channels'),
    width: sizeField(latent, 'width'),
    height: sizeField(latent, 'height'),
    frames: sizeField(latent, 'frames'),
    batch: batchForSeeds(sizeField(latent, 'batch'), seed),
  };
}
