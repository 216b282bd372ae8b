import { combine } from './linear-combination.ts';
import type { DrawNoise, StepOptions } from './scheduler.ts';

/** A step from one noise level to another by way of a third, for a sample of `count` values. */
export interface BrownianStep {
  readonly from: number;
  readonly middle: number;
  readonly end: number;
  readonly count: number;
}

/** A Brownian motion's increment from the start to half-way, scaled to N(0, 1). */
export function halfIncrement({ from, middle, count }: BrownianStep, draw: DrawNoise, given: StepOptions['brownian']): Float32Array {
  return given ? given(from, middle, count) : draw(count);
}

/** The increment over the whole step, scaled to N(0, 1): what the first half was goes on into it. */
export function wholeIncrement(
  { from, middle, end, count }: BrownianStep,
  half: Float32Array | null,
  draw: DrawNoise,
  given: StepOptions['brownian'],
): Float32Array {
  if (given) return given(from, end, count);
  if (half === null) return draw(count);
  const whole = from - end;
  return combine([Math.sqrt((from - middle) / whole), half], [Math.sqrt((middle - end) / whole), draw(count)]);
}
