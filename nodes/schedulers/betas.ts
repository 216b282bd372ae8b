import { add, divide, multiply, square, squareRoot, subtract } from './float32.ts';
import { linspaceFloat32 } from './linspace.ts';

/** What a noise schedule is made from, under diffusers' names. */
export interface BetaOptions {
  readonly num_train_timesteps: number;
  readonly beta_start: number;
  readonly beta_end: number;
  readonly beta_schedule: BetaSchedule;
  readonly trained_betas: readonly number[] | null;
  readonly rescale_betas_zero_snr?: boolean;
}

/** Every beta schedule of diffusers' samplers; each class takes some of them. */
export type BetaSchedule = 'linear' | 'scaled_linear' | 'squaredcos_cap_v2' | 'sigmoid' | 'laplace' | 'exp';

/**
 * ᾱ of every training timestep (Ho et al. 2020, section 2): float32, products accumulated in float64 as torch does. All in
 * float64 would move the smallest noise levels by up to 8e-5 of themselves.
 */
export function alphasCumulative(options: BetaOptions): Float32Array {
  const betas = betasOf(options);
  return cumulativeProduct(options.rescale_betas_zero_snr ? rescaleToZeroSnr(betas) : betas);
}

/**
 * The smallest half-precision number, which Euler and the DPM-Solver family put where ᾱ is 0 under zero terminal SNR, so that
 * no noise level is infinite (the largest is then 4096).
 */
export function withoutZero(alphas: Float32Array): Float32Array {
  const copy = alphas.slice();
  copy[copy.length - 1] = 2 ** -24;
  return copy;
}

/** β of every training timestep, float32. */
export function betasOf(options: BetaOptions): Float32Array {
  const { num_train_timesteps: count, beta_start: start, beta_end: end } = options;
  if (options.trained_betas) return Float32Array.from(options.trained_betas);
  switch (options.beta_schedule) {
    case 'linear':
      return linspaceFloat32(start, end, count);
    case 'scaled_linear':
      return linspaceFloat32(Math.sqrt(start), Math.sqrt(end), count).map(square);
    case 'sigmoid':
      return linspaceFloat32(-6, 6, count).map((x) => add(multiply(divide(1, add(1, Math.exp(-x))), end - start), start));
    case 'squaredcos_cap_v2':
      return betasForAlphaBar(count, (t) => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2);
    case 'laplace':
      return betasForAlphaBar(count, laplaceAlphaBar);
    case 'exp':
      return betasForAlphaBar(count, (t) => Math.exp(-12 * t));
  }
}

/** Nichol and Dhariwal 2021, section 3.2: betas that make the cumulative product follow a given curve. */
function betasForAlphaBar(count: number, alphaBar: (t: number) => number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), 0.999));
}

function laplaceAlphaBar(t: number): number {
  const sign = 0.5 - t < 0 ? -1 : 1;
  const snr = Math.exp(-0.5 * sign * Math.log(1 - 2 * Math.abs(0.5 - t) + 1e-6));
  return Math.sqrt(snr / (1 + snr));
}

function cumulativeProduct(betas: Float32Array): Float32Array {
  let product = 1;
  return betas.map((beta) => {
    product *= subtract(1, beta);
    return product;
  });
}

/** Lin et al. 2023, algorithm 1: shifts and stretches √ᾱ so that the last timestep is pure noise. */
function rescaleToZeroSnr(betas: Float32Array): Float32Array {
  const roots = cumulativeProduct(betas).map(squareRoot);
  const first = roots[0] ?? 0;
  const last = roots.at(-1) ?? 0;
  const stretch = divide(first, subtract(first, last));
  const alphasBar = roots.map((root) => square(multiply(subtract(root, last), stretch)));
  return alphasBar.map((value, i) => subtract(1, i === 0 ? value : divide(value, alphasBar[i - 1] ?? 0)));
}
