import type { SchedulerRequest } from './define-scheduler.ts';

/** Options of a shift that grows with the picture. */
export interface DynamicShiftOptions {
  readonly base_shift: number;
  readonly max_shift: number;
  readonly base_image_seq_len: number;
  readonly max_image_seq_len: number;
}

/** Noise levels moved towards noise by a factor (Esser et al. 2024, arXiv 2403.03206, equation 23). */
export function shiftSigma(sigma: number, shift: number): number {
  return (shift * sigma) / (1 + (shift - 1) * sigma);
}

/**
 * The logarithm of the shift for a picture, linear in its count of tokens as diffusers' pipelines have it; a token is 2×2
 * latents. Undefined when neither the request's `mu` nor its shape says.
 */
export function dynamicMu(options: DynamicShiftOptions, { mu, shape }: SchedulerRequest): number | undefined {
  if (mu !== undefined) return mu;
  const [, , height, width] = shape ?? [];
  if (height === undefined || width === undefined) return undefined;
  const tokens = Math.floor(height / 2) * Math.floor(width / 2);
  const slope = (options.max_shift - options.base_shift) / (options.max_image_seq_len - options.base_image_seq_len);
  return tokens * slope + (options.base_shift - slope * options.base_image_seq_len);
}
