import type { BetaSchedule } from './betas.ts';
import { choice, flag, integer, number, optionalNumber, optionalNumbers } from './option-table.ts';
import type { TimestepSpacing } from './timesteps.ts';

/** Rows of option tables that several classes share; defaults that differ are arguments. */

/** The training schedule. */
export function betaRows<const S extends BetaSchedule>(start: number, end: number, schedule: NoInfer<S>, schedules: readonly S[]) {
  return {
    num_train_timesteps: integer(1000, 1, 1_000_000),
    beta_start: number(start),
    beta_end: number(end),
    beta_schedule: choice(schedule, schedules),
    trained_betas: optionalNumbers(),
  };
}

/** The beta schedules that every class has. */
export const COMMON_SCHEDULES = ['linear', 'scaled_linear', 'squaredcos_cap_v2'] as const;

/** Where timesteps lie. */
export function spacingRows(spacing: TimestepSpacing) {
  return { timestep_spacing: choice(spacing, ['linspace', 'leading', 'trailing']), steps_offset: integer(0, 0) };
}

/** Clipping of the predicted clean sample. */
export function clipRows(clip: boolean) {
  return { clip_sample: flag(clip), clip_sample_range: number(1) };
}

/** Dynamic thresholding of the predicted clean sample. */
export function thresholdRows() {
  return { thresholding: flag(false), dynamic_thresholding_ratio: number(0.995), sample_max_value: number(1) };
}

/** Noise levels spaced other than by timesteps. */
export function respacingRows() {
  return { use_karras_sigmas: flag(false), use_exponential_sigmas: flag(false), use_beta_sigmas: flag(false) };
}

/**
 * The ends of respaced noise levels. Only Euler and UniPC declare them, but diffusers reads them in every class whose config
 * came from a file that has them.
 */
export function sigmaRangeRows() {
  return { sigma_min: optionalNumber(), sigma_max: optionalNumber() };
}
