import { countDown, linspace, roundHalfEven } from './linspace.ts';

/** How timesteps are spread over the training schedule (Lin et al. 2023, table 2). */
export type TimestepSpacing = 'linspace' | 'leading' | 'trailing';

/** The part of a config that says where timesteps lie. */
export interface SpacingOptions {
  readonly num_train_timesteps: number;
  readonly timestep_spacing: TimestepSpacing;
  readonly steps_offset: number;
}

/** Falling timesteps that reach the schedule's ends; under `linspace` they are fractional, and the caller rounds if it must. */
export function spaceTimesteps(options: SpacingOptions, steps: number): number[] {
  const { num_train_timesteps: train, steps_offset: offset } = options;
  switch (options.timestep_spacing) {
    case 'linspace':
      return linspace(0, train - 1, steps).reverse();
    case 'leading':
      return multiples(Math.floor(train / steps), steps, offset).reverse();
    case 'trailing':
      return trailing(train, train / steps);
  }
}

/**
 * Falling whole timesteps of the DPM-Solver family, which leaves out the lowest of `steps + 1` because the last step goes to
 * the final noise level. `last` is how many timesteps of the schedule are used, counted from its clean end.
 */
export function spaceSolverTimesteps(options: SpacingOptions, steps: number, last: number): number[] {
  const { num_train_timesteps: train, steps_offset: offset } = options;
  switch (options.timestep_spacing) {
    case 'linspace':
      return linspace(0, last - 1, steps + 1)
        .slice(1)
        .map(roundHalfEven)
        .reverse();
    case 'leading':
      return multiples(Math.floor(last / (steps + 1)), steps + 1, offset)
        .slice(1)
        .reverse();
    case 'trailing':
      return trailing(last, train / steps);
  }
}

function multiples(stride: number, count: number, offset: number): number[] {
  return Array.from({ length: count }, (_, i) => i * stride + offset);
}

function trailing(start: number, stride: number): number[] {
  return countDown(start, stride).map((value) => roundHalfEven(value) - 1);
}
