/**
 * Improved PNDM: fourth-order Adams and Bashforth on the noise estimate, without Runge-Kutta warm-up. Liu et al. 2022 (arXiv
 * 2202.09778), equations 9 and 12; the noise schedule is continuous, with σ = sin²(πt/2) and networks that predict v.
 */
import { ok } from '../problem.ts';
import { adamsBashforth } from './adams-bashforth.ts';
import { defineScheduler } from './define-scheduler.ts';
import { square, squareRoot, subtract } from './float32.ts';
import { combine } from './linear-combination.ts';
import { linspaceFloat32 } from './linspace.ts';
import { integer, optionalNumbers, refuseTogether } from './option-table.ts';

const NAME = 'IPNDMScheduler';

/** diffusers' IPNDMScheduler. Its timesteps lie from 1 to 0: for networks on a continuous time, not for Stable Diffusion. */
export const ipndm = defineScheduler({
  className: NAME,
  options: { num_train_timesteps: integer(1000, 1, 1_000_000), trained_betas: optionalNumbers() },
  predictionType: 'v_prediction',
  create(options, { steps }, memory) {
    const given = options.trained_betas;
    if (given && (given.length !== steps + 1 || given.some((sigma) => !(sigma >= 0 && sigma <= 1)))) {
      return refuseTogether(NAME, 'trained_betas', `trained_betas must hold steps + 1 = ${steps + 1} levels from 0 to 1`);
    }
    const sigmas = Float32Array.from(given ?? Array.from(linspaceFloat32(1, 0, steps + 1), continuousSigma));
    const alphas = sigmas.map((sigma) => squareRoot(subtract(1, square(sigma))));
    const timesteps = Array.from(sigmas.subarray(0, steps), (sigma, i) => Math.fround((Math.atan2(sigma, alphas[i] ?? 0) / Math.PI) * 2));
    const mixAt = (index: number) => ({ alpha: alphas[index] ?? Number.NaN, sigma: sigmas[index] ?? Number.NaN });
    return ok({
      timesteps,
      initNoiseSigma: 1,
      step(modelOutput, index, sample) {
        const { alpha, sigma } = mixAt(index);
        const next = mixAt(index + 1);
        memory.remember(combine([sigma, sample], [alpha, modelOutput]), 4);
        const noise = adamsBashforth(memory);
        // At the start there is no signal at all; the difference is then exactly 0 too.
        const scale = 1 / Math.max(alpha, 1e-8);
        const predicted = combine([scale, sample], [-sigma * scale, noise]);
        const original = combine([alpha, sample], [-sigma, modelOutput]);
        return { sample: combine([next.alpha, predicted], [next.sigma, noise]), predictedOriginal: original };
      },
      addNoise(original, noise, index) {
        const { alpha, sigma } = mixAt(index);
        return combine([alpha, original], [sigma, noise]);
      },
    });
  },
});

function continuousSigma(t: number): number {
  return square(Math.fround(Math.sin(Math.fround((t * Math.PI) / 2))));
}
