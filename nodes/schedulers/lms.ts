/**
 * Linear multistep of order four in σ: the slopes of earlier calls are interpolated by a polynomial and that is integrated over
 * the step (k-diffusion's `sample_lms`; Adams and Bashforth's method on uneven steps).
 */
import { ok } from '../problem.ts';
import { alphasCumulative } from './betas.ts';
import { betaRows, COMMON_SCHEDULES, respacingRows, sigmaRangeRows, spacingRows } from './common-options.ts';
import { defineScheduler } from './define-scheduler.ts';
import { combine, type Term } from './linear-combination.ts';
import { choice, refuseTogether } from './option-table.ts';
import { sigmaSchedule } from './sigma-schedule.ts';
import { addSigmaNoise, initialSigma, originalAtSigma, scaleToUnit } from './sigma-space.ts';
import { noiseLevels, spacingConflict } from './sigmas.ts';

const ORDER = 4;

/** diffusers' LMSDiscreteScheduler. */
export const lms = defineScheduler({
  className: 'LMSDiscreteScheduler',
  options: {
    ...betaRows(0.0001, 0.02, 'linear', COMMON_SCHEDULES),
    ...respacingRows(),
    ...sigmaRangeRows(),
    ...spacingRows('linspace'),
    prediction_type: choice('epsilon', ['epsilon', 'sample', 'v_prediction']),
  },
  create(options, { steps }, memory) {
    const conflict = spacingConflict(options);
    if (conflict) return refuseTogether('LMSDiscreteScheduler', 'use_karras_sigmas', conflict);
    // Of a carried sigma range this class heeds the other spacings' only.
    const range = options.use_karras_sigmas ? { sigma_min: null, sigma_max: null } : {};
    const schedule = sigmaSchedule({ ...options, ...range }, noiseLevels(alphasCumulative(options)), steps);
    const sigmas = Float32Array.from([...schedule.sigmas, 0]);
    const at = (index: number): number => sigmas[index] ?? Number.NaN;
    return ok({
      timesteps: schedule.timesteps.map(Math.fround),
      sigmas: Array.from(sigmas),
      initNoiseSigma: initialSigma(sigmas, options.timestep_spacing),
      scaleModelInput: (sample, index) => scaleToUnit(sample, at(index)),
      step(modelOutput, index, sample) {
        const sigma = at(index);
        const original = originalAtSigma(options.prediction_type, sigma, modelOutput, sample);
        memory.remember(combine([1 / sigma, sample], [-1 / sigma, original]), ORDER);
        // Started in mid-schedule, diffusers weights the few slopes there are as if the earlier ones were known.
        const nodes = Array.from({ length: Math.min(index + 1, ORDER) }, (_, age) => at(index - age));
        const terms = nodes
          .slice(0, memory.outputs.length)
          .map((_, age): Term => [integratedBasis(nodes, age, sigma, at(index + 1)), memory.output(age)]);
        return { sample: combine([1, sample], ...terms), predictedOriginal: original };
      },
      addNoise: (original, noise, index) => addSigmaNoise(original, noise, at(index)),
    });
  },
});

/** The integral over [from, to] of the Lagrange polynomial that is 1 at one node and 0 at the others. */
function integratedBasis(nodes: readonly number[], which: number, from: number, to: number): number {
  const own = nodes[which] ?? Number.NaN;
  const others = nodes.filter((_, i) => i !== which);
  const basis = (x: number): number => others.reduce((product, node) => product * ((x - node) / (own - node)), 1);
  const middle = (from + to) / 2;
  const half = (to - from) / 2;
  // Gauss and Legendre's rule on two points is exact up to degree three, the highest there is.
  return half * (basis(middle - half / Math.sqrt(3)) + basis(middle + half / Math.sqrt(3)));
}
