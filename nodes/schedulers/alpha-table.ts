import { ok, type Result } from '../problem.ts';
import { combine } from './linear-combination.ts';
import { refuseTogether } from './option-table.ts';
import { mixOf } from './predict.ts';

/** ᾱ by whole training timestep, for the classes that work on it directly (DDPM, DDIM, PNDM, LCM, TCD). */
export interface AlphaTable {
  /** ᾱ at a timestep; below 0 lies the end of the last step, whose ᾱ the config decides. */
  at(timestep: number): number;
  /** A clean sample noised to a timestep (Ho et al. 2020, equation 4). */
  addNoise(original: Float32Array, noise: Float32Array, timestep: number): Float32Array;
}

/** Wraps a table; `final` is ᾱ before timestep 0. Above the table there is nothing: NaN. */
export function alphaTable(alphas: Float32Array, final: number): AlphaTable {
  const at = (timestep: number): number => (timestep < 0 ? final : (alphas[timestep] ?? Number.NaN));
  return {
    at,
    addNoise(original, noise, timestep) {
      const { alpha, sigma } = mixOf(at(timestep));
      return combine([alpha, original], [sigma, noise]);
    },
  };
}

/** Refuses a schedule that leaves the table: such timesteps come from an offset or a step count that does not divide well. */
export function requireInTable(className: string, timesteps: readonly number[], length: number): Result<readonly number[]> {
  const outside = timesteps.find((timestep) => !(timestep >= 0 && timestep < length));
  if (outside === undefined) return ok(timesteps);
  return refuseTogether(
    className,
    'timestep_spacing',
    `timestep_spacing, steps_offset and this number of steps give timestep ${outside}, and the schedule has 0 to ${length - 1}; take a few steps more or less`,
  );
}
