import { multiply, square, squareRoot, subtract } from './float32.ts';
import { combine } from './linear-combination.ts';
import type { DrawNoise, StepOptions } from './scheduler.ts';

/** A noise level raised by churn, and the sample with the noise that this takes. */
export interface Churned {
  readonly raised: number;
  readonly start: Float32Array;
}

/** Karras et al. 2022, algorithm 2, lines 4 to 6; draws only where it raises the level. */
export function churn(sigma: number, calls: number, sample: Float32Array, draw: DrawNoise, options: StepOptions = {}): Churned {
  const { sChurn = 0, sTmin = 0, sTmax = Number.POSITIVE_INFINITY, sNoise = 1 } = options;
  const gamma = sigma >= sTmin && sigma <= sTmax ? Math.min(sChurn / calls, Math.SQRT2 - 1) : 0;
  const raised = multiply(sigma, gamma + 1);
  if (!(gamma > 0)) return { raised, start: sample };
  const deviation = squareRoot(subtract(square(raised), square(sigma)));
  return { raised, start: combine([1, sample], [sNoise * deviation, draw(sample.length)]) };
}
