import { betaQuantile } from './beta-quantile.ts';
import { divide, logarithm, squareRoot, subtract } from './float32.ts';
import { linspace } from './linspace.ts';
import { numpyLog } from './numpy-log.ts';

/** A noise level relative to the signal: σ = √((1 - ᾱ) / ᾱ), in float32, for every training timestep. */
export function noiseLevels(alphas: Float32Array): Float32Array {
  return alphas.map(noiseLevel);
}

/** σ of one ᾱ. */
export function noiseLevel(alpha: number): number {
  return squareRoot(divide(subtract(1, alpha), alpha));
}

/** numpy's float32 logarithms of noise levels, which timesteps are looked up in. */
export function logarithms(levels: Float32Array): Float32Array {
  return levels.map(numpyLog);
}

/** The table's value at a fractional position, linear between its entries and constant outside (numpy's `interp`). */
export function interpolate(table: Float32Array, position: number): number {
  const last = table.length - 1;
  if (position <= 0) return table[0] ?? Number.NaN;
  if (position >= last) return table[last] ?? Number.NaN;
  const index = Math.floor(position);
  const from = table[index] ?? Number.NaN;
  return ((table[index + 1] ?? Number.NaN) - from) * (position - index) + from;
}

/** How noise levels can be spaced other than by timesteps; at most one of the flags is set. */
export interface RespacingOptions {
  readonly use_karras_sigmas: boolean;
  readonly use_exponential_sigmas: boolean;
  readonly use_beta_sigmas: boolean;
}

/** The ends that spacings run between. */
export interface SigmaRange {
  readonly min: number;
  readonly max: number;
}

/** Falling noise levels in the spacing that is asked for, or undefined when none is. */
export function respace(options: RespacingOptions, range: SigmaRange, steps: number): number[] | undefined {
  if (options.use_karras_sigmas) return karrasSigmas(range, linspace(0, 1, steps));
  if (options.use_exponential_sigmas) return exponential(range, steps);
  return options.use_beta_sigmas ? beta(range, steps) : undefined;
}

/** Karras et al. 2022, equation 5, in float64; `ramp` runs from 0 (the noisiest) to 1. */
export function karrasSigmas({ min, max }: SigmaRange, ramp: ArrayLike<number>, rho = 7): number[] {
  const from = max ** (1 / rho);
  const change = min ** (1 / rho) - from;
  return Array.from(ramp, (value) => (from + value * change) ** rho);
}

/** Even steps of log σ. */
function exponential({ min, max }: SigmaRange, steps: number): number[] {
  return linspace(Math.log(max), Math.log(min), steps).map((value) => Math.exp(value));
}

/** Lee et al. 2024: σ at the quantiles of a beta distribution, dense at both ends. */
function beta({ min, max }: SigmaRange, steps: number): number[] {
  return linspace(0, 1, steps).map((ramp) => min + betaQuantile(1 - ramp) * (max - min));
}

/** Which of the spacings that exclude one another are asked for together, as a sentence; undefined when that is fine. */
export function spacingConflict(options: RespacingOptions): string | undefined {
  const asked = (['use_karras_sigmas', 'use_exponential_sigmas', 'use_beta_sigmas'] as const).filter((key) => options[key]);
  return asked.length > 1 ? `only one of ${asked.join(' and ')} can be true` : undefined;
}

/**
 * The (fractional) timestep of a noise level, linear in log σ between the table's entries and held at its ends. The table is
 * float32 and so is the width of its gaps; the rest is float64.
 */
export function timestepOf(sigma: number, logTable: Float32Array): number {
  const value = Math.log(Math.max(sigma, 1e-10));
  let index = Math.max(logTable.length - 1, 0);
  while (index > 0 && !(value >= (logTable[index] ?? Number.NaN))) index--;
  const low = Math.min(index, logTable.length - 2);
  const from = logTable[low] ?? Number.NaN;
  const to = logTable[low + 1] ?? Number.NaN;
  const weight = Math.min(Math.max((from - value) / subtract(from, to), 0), 1);
  return (1 - weight) * low + weight * (low + 1);
}

/** Lu et al. 2022, section 5.1: even steps of λ over the whole table. */
export function luSigmas(logTable: Float32Array, steps: number): number[] {
  const from = logTable.at(-1) ?? Number.NaN;
  const to = logTable[0] ?? Number.NaN;
  return linspace(0, 1, steps).map((ramp) => Math.exp(from + ramp * (to - from)));
}

/** Noise levels on the straight line of flow matching, moved towards noise by `shift` (Esser et al. 2024, section 5.3.2). */
export function flowSigmas(train: number, shift: number, steps: number): number[] {
  return linspace(1, 1 / train, steps + 1)
    .slice(1)
    .map((alpha) => (shift * (1 - alpha)) / (1 + (shift - 1) * (1 - alpha)))
    .reverse();
}

/** How many timesteps at the noisy end have λ below a bound, in float32. */
export function clippedLength(alphas: Float32Array, bound: number): number {
  let count = 0;
  while (count < alphas.length && lambdaOf(alphas[alphas.length - 1 - count] ?? 0) < bound) count++;
  return count;
}

function lambdaOf(alpha: number): number {
  return subtract(logarithm(squareRoot(alpha)), logarithm(squareRoot(subtract(1, alpha))));
}
