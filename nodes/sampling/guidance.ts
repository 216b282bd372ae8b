// Classifier-free guidance, taken apart.
import { defineNode } from '../define-node.ts';
import { fail, ok } from '../problem.ts';
import { tensor } from '../tensor.ts';
import { intersect } from '../types/intersect.ts';
import { applyGuidance, rescaleGuidance } from './apply-guidance.ts';
import { thresholdLike } from './dynamic-thresholding.ts';

export const guidance = defineNode({
  id: 'sampling.guidance',
  version: 1,
  title: 'Guidance',
  category: 'sampling',
  summary: 'Amplifies what the prompt changes in a prediction: classifier-free guidance.',
  docs: `
Unconditional + **Guidance** · (conditional − unconditional), after Ho and Salimans 2022, equation 6. Wire both predictions of a U-Net Step here, and
the result to a Scheduler Step, to guide by hand; **Difference** is what is amplified, before it is.

- **Rescale** (Lin et al. 2023, section 3.4) brings the standard deviation of the result back to that of the conditional prediction, as far as it says.
- **Mimic** brings the range of each channel back to what it is at that lower guidance, whatever lies beyond **Percentile** of it clamped (dynamic
  thresholding, as CFG scale fix does it). Left open: off.
- **Start** and **End** (Kynkäänniemi et al. 2024): outside of this share of the schedule, **Step** of **Steps**, the conditional prediction passes
  alone.`,
  inputs: {
    conditional: { type: 'latent', title: 'Conditional', doc: 'The prediction with the prompt.' },
    unconditional: { type: 'latent', title: 'Unconditional', doc: 'The prediction without it, or with the negative one.' },
  },
  outputs: {
    prediction: { type: 'latent', title: 'Prediction', doc: 'The guided prediction.' },
    difference: { type: 'latent', title: 'Difference', doc: 'Conditional minus unconditional.' },
  },
  params: {
    guidance: { kind: 'number', title: 'Guidance', doc: 'How strictly the prompt is followed.', default: 7.5, min: 0, max: 100, step: 0.5 },
    rescale: {
      kind: 'number',
      title: 'Rescale',
      doc: 'How much the result is brought back to its range.',
      default: 0,
      min: 0,
      max: 1,
      step: 0.1,
    },
    mimic: {
      kind: 'number',
      title: 'Mimic',
      doc: 'The guidance whose range the result keeps; left open, none.',
      default: null,
      min: 0,
      max: 100,
      step: 0.5,
      advanced: true,
    },
    percentile: {
      kind: 'number',
      title: 'Percentile',
      doc: 'What lies beyond is clamped, with Mimic.',
      default: 0.995,
      min: 0,
      max: 1,
      step: 0.005,
      advanced: true,
    },
    start: {
      kind: 'number',
      title: 'Start',
      doc: 'From which share of the steps on.',
      default: 0,
      min: 0,
      max: 1,
      step: 0.05,
      advanced: true,
    },
    end: { kind: 'number', title: 'End', doc: 'Until which share of the steps.', default: 1, min: 0, max: 1, step: 0.05, advanced: true },
    steps: {
      kind: 'int',
      title: 'Steps',
      doc: 'How many steps the schedule has, for Start and End.',
      default: 20,
      min: 1,
      max: 1000,
      advanced: true,
    },
    step: {
      kind: 'int',
      title: 'Step',
      doc: 'Which step this is, from 0, for Start and End.',
      default: 0,
      min: 0,
      max: 9999,
      advanced: true,
    },
  },
  outputTypes({ conditional, unconditional }) {
    if (conditional === undefined || unconditional === undefined) return {};
    const both = intersect(conditional, unconditional);
    return both.kind === 'never' ? {} : { prediction: both, difference: both };
  },
  async evaluate({ conditional, unconditional }, { guidance: scale, rescale, mimic, percentile, start, end, steps, step }, context) {
    context.signal.throwIfCancelled();
    const [withText, without] = [conditional.samples, unconditional.samples];
    if (withText.shape.join() !== without.shape.join()) {
      const sentence = `Guidance gets predictions of [${withText.shape.join(', ')}] and [${without.shape.join(', ')}]. Wire both from one U-Net Step.`;
      return fail('node.invalidInput', sentence, { socket: 'unconditional' });
    }
    const of = (data: Float32Array) => ({ kind: 'latent' as const, samples: tensor(data, withText.shape), space: conditional.space });
    const difference = of(withText.data.map((value, at) => value - (without.data[at] ?? 0)));
    const share = step / steps;
    if (share < start || share >= end) return ok({ prediction: of(withText.data), difference });
    const guided = applyGuidance(without, withText, scale);
    const bounded = mimic === null ? guided : thresholdLike(guided, applyGuidance(without, withText, mimic), percentile);
    return ok({ prediction: of(rescaleGuidance(bounded, withText.data, rescale).data), difference });
  },
});
