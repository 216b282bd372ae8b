// How much noise there is at each step of a schedule, as a picture.
import { defineNode } from '../define-node.ts';
import { plotCurve } from '../image/plot-curve.ts';
import { ok } from '../problem.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import { struct } from '../types/socket-type.ts';
import { refuseUnfitScheduler } from './scheduler-fit.ts';
import { openSchedule, SCHEDULE_PARAMS } from './step-schedule.ts';

const SHOWN = { sigma: 'sigma', alphaBar: 'alpha bar', logSnr: 'log SNR', timestep: 'timestep' } as const;

export const noiseSchedule = defineNode({
  id: 'sampling.noiseSchedule',
  version: 1,
  title: 'Noise Schedule',
  category: 'sampling',
  summary: 'Plots how much noise a schedule has at each of its steps.',
  docs: `
With x = s · x₀ + n · ε at each step: **sigma** is n / s (Karras et al. 2022), **alpha bar** s² / (s² + n²), the share of the picture in the
variance (Ho et al. 2020), **log SNR** ln(s² / n²) (Kingma et al. 2021); **timestep** is the number that the denoiser is told. Sampling goes from left to
right; **Step** is marked with its value. **Sigmas** gives the noise levels as numbers.`,
  inputs: { model: { type: 'model', title: 'Model', doc: 'Whose schedule.' } },
  outputs: {
    plot: { type: 'image', title: 'Plot', doc: 'The curve over the steps.' },
    sigmas: { type: 'sigmas', title: 'Sigmas', doc: 'n / s at each step, falling, and 0 after the last.' },
  },
  params: {
    ...SCHEDULE_PARAMS,
    shown: {
      kind: 'choice',
      title: 'Shown',
      doc: 'What is plotted.',
      default: 'sigma',
      options: { sigma: 'Sigma', alphaBar: 'Alpha bar', logSnr: 'Log SNR', timestep: 'Timestep' },
    },
    width: { kind: 'int', title: 'Width', doc: 'Of the plot.', default: 480, min: 160, max: 4096, step: 16, unit: 'px', advanced: true },
    height: { kind: 'int', title: 'Height', doc: 'Of the plot.', default: 320, min: 120, max: 4096, step: 16, unit: 'px', advanced: true },
  },
  outputTypes({ model }, { width, height, scheduler }, context) {
    refuseUnfitScheduler(context, scheduler, model);
    return { plot: struct('image', { width, height, channels: 3, batch: 1 }), sigmas: struct('sigmas') };
  },
  async evaluate({ model }, { shown, width, height, ...schedule }, context) {
    context.signal.throwIfCancelled();
    const opened = openSchedule('Noise Schedule', model, [1, 1, 1, 1], { ...schedule, step: 0 });
    if (!opened.ok) return opened;
    const mark = openSchedule('Noise Schedule', model, [1, 1, 1, 1], schedule);
    if (!mark.ok) return mark;
    const levels = opened.value.timesteps.map((_, index) => levelAt(opened.value, index));
    const sigmas = Float32Array.from(levels, ({ signal, noise }) => noise / signal);
    const values = {
      sigma: sigmas,
      alphaBar: Float32Array.from(levels, ({ signal, noise }) => signal ** 2 / (signal ** 2 + noise ** 2)),
      logSnr: Float32Array.from(levels, ({ signal, noise }) => 2 * Math.log(signal / noise)),
      timestep: Float32Array.from(opened.value.timesteps),
    };
    const plot = plotCurve({ title: SHOWN[shown], values: values[shown], mark: schedule.step, widthPx: width, heightPx: height });
    return ok({ plot, sigmas: Float32Array.of(...sigmas, 0) });
  },
});

/** The factors of the clean sample and of the noise before a step: what adding noise to one and to none of it gives. */
function levelAt(scheduler: Scheduler, index: number): { readonly signal: number; readonly noise: number } {
  const [one, none] = [Float32Array.of(1), Float32Array.of(0)];
  return { signal: scheduler.addNoise(one, none, index)[0] ?? 0, noise: scheduler.addNoise(none, one, index)[0] ?? 0 };
}
