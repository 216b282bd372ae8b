import { combine } from './linear-combination.ts';
import type { SolverMemory } from './solver-memory.ts';

/** Adams and Bashforth's extrapolation on even steps from up to four remembered outputs (Liu et al. 2022, equation 12). */
export function adamsBashforth(memory: SolverMemory): Float32Array {
  const weights = WEIGHTS[memory.outputs.length - 1] ?? [];
  const [first = 1, ...rest] = weights;
  return combine([first, memory.output(0)], ...rest.map((weight, i) => [weight, memory.output(i + 1)] as const));
}

const WEIGHTS: readonly (readonly number[])[] = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]];
