import { fail, ok, type Result } from '../problem.ts';
import { optionalChoice } from './option-table.ts';
import { splitChannels } from './split-channels.ts';

/** The variances that other classes know and these pass over: every file of DDPMScheduler has one. */
const FIXED = ['fixed_small', 'fixed_small_log', 'fixed_large', 'fixed_large_log'] as const;
const LEARNED = ['learned', 'learned_range'] as const;

interface VarianceOptions {
  readonly variance_type: (typeof LEARNED)[number] | (typeof FIXED)[number] | null;
}

/** What the network predicts beside the mean. */
export function varianceRows() {
  return { variance_type: optionalChoice([...LEARNED, ...FIXED]) };
}

/** True for networks that predict a variance too. */
export function predictsVariance({ variance_type: type }: VarianceOptions): boolean {
  return LEARNED.some((one) => one === type);
}

/**
 * What the DPM-Solver classes do with networks that also predict a variance: they drop its channels, taking the first three to be
 * the mean.
 */
export function meanOutput(
  className: string,
  options: VarianceOptions,
  shape: readonly number[] | undefined,
): Result<(output: Float32Array) => Float32Array> {
  if (!predictsVariance(options)) return ok((output) => output);
  const [batch, channels] = shape ?? [];
  if (batch !== undefined && channels === 3) return ok((output) => splitChannels(output, batch)[0]);
  return fail(
    'scheduler.option',
    `${className} with variance_type ${options.variance_type} samples pictures of 3 channels, and is given ${channels ?? 'an unknown number of'}.`,
    { path: 'variance_type' },
  );
}
