import type { DpmSolverType, StepWeights } from './dpm-solver-weights.ts';
import { add, divide } from './float32.ts';
import type { Term } from './linear-combination.ts';
import type { SolverMemory } from './solver-memory.ts';
import type { Level } from './solver-space.ts';

/** What decides the order of a step. */
export interface MultistepOrderOptions {
  readonly solver_order: number;
  readonly lower_order_final: boolean;
  readonly euler_at_final: boolean;
  readonly final_sigmas_type: 'zero' | 'sigma_min';
}

/** Fewer known outputs, and stability at the end of short schedules, lower the order. */
export function multistepOrder(options: MultistepOrderOptions, index: number, count: number, calls: number): number {
  const short = options.lower_order_final && count < 15;
  if (index === count - 1 && (options.euler_at_final || short || options.final_sigmas_type === 'zero')) return 1;
  const most = index === count - 2 && short ? 2 : options.solver_order;
  return Math.min(most, options.solver_order, calls + 1);
}

/** D0, D1 and D2 of the remembered outputs, times their weights. */
export function multistepTerms(
  order: number,
  type: DpmSolverType,
  weights: StepWeights,
  at: (index: number) => Level,
  index: number,
  memory: SolverMemory,
): readonly Term[] {
  const newest = memory.output(0);
  if (order === 1) return [[weights.zeroth, newest]];
  const h = Math.fround(at(index + 1).lambda - at(index).lambda);
  const ratio = (age: number): number => divide(Math.fround(at(index - age).lambda - at(index - age - 1).lambda), h);
  const r0 = ratio(0);
  const first = divide(1, r0);
  if (order === 2) {
    const slope = (type === 'midpoint' ? weights.midpointSlope : weights.slope) * first;
    return [
      [weights.zeroth + slope, newest],
      [-slope, memory.output(1)],
    ];
  }
  // D1 = d0 + share · (d0 - d1) and D2 = (d0 - d1) / (r0 + r1), with d0 and d1 the differences of neighbours.
  const r1 = ratio(1);
  const second = divide(1, r1);
  const share = divide(r0, add(r0, r1));
  const curve = divide(1, add(r0, r1)) * weights.curve;
  const onFirst = (weights.slope * (1 + share) + curve) * first;
  const onSecond = -(weights.slope * share + curve) * second;
  return [
    [weights.zeroth + onFirst, newest],
    [onSecond - onFirst, memory.output(1)],
    [-onSecond, memory.output(2)],
  ];
}
