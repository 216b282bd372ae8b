import { fail, ok, type Result } from '../problem.ts';
import { splitChannels } from './split-channels.ts';

/**
 * What the DPM-Solver classes do with networks that also predict a variance: they drop its channels, taking the first three to be
 * the mean.
 */
export function meanOutput(
  className: string,
  variance: 'learned' | 'learned_range' | null,
  shape: readonly number[] | undefined,
): Result<(output: Float32Array) => Float32Array> {
  if (variance === null) return ok((output) => output);
  const [batch, channels] = shape ?? [];
  if (batch !== undefined && channels === 3) return ok((output) => splitChannels(output, batch)[0]);
  return fail(
    'scheduler.option',
    `${className} with variance_type ${variance} samples pictures of 3 channels, and is given ${channels ?? 'an unknown number of'}.`,
    { path: 'variance_type' },
  );
}
