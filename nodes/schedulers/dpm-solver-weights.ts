import { add, divide, exponential, multiply, square, squareRoot, subtract } from './float32.ts';
import type { Level } from './solver-space.ts';

/** Which integral is approximated: of the predicted noise or, with `++`, of the predicted original; as an ODE or an SDE. */
export type DpmAlgorithm = 'dpmsolver' | 'dpmsolver++' | 'sde-dpmsolver' | 'sde-dpmsolver++';

/** How the second-order term is weighted. */
export type DpmSolverType = 'midpoint' | 'heun';

/**
 * Weights of one step from level s to level t: x(t) = sample · x(s) + zeroth · D0 + slope · D1 + curve · D2 + noise · z, where
 * D0 is the output at s and D1, D2 are its divided differences in λ.
 */
export interface StepWeights {
  readonly sample: number;
  readonly zeroth: number;
  /** Of D1 in a second-order midpoint step. */
  readonly midpointSlope: number;
  /** Of D1 in every other step of order two or three. */
  readonly slope: number;
  readonly curve: number;
  /** 0 for the ODE algorithms. */
  readonly noise: number;
}

/** Lu et al. 2022 (arXiv 2206.00927, 2211.01095), the exponentially weighted integrals of 1, λ and λ²/2 over a step. */
export function stepWeights(algorithm: DpmAlgorithm, from: Level, to: Level): StepWeights {
  const h = subtract(to.lambda, from.lambda);
  switch (algorithm) {
    case 'dpmsolver++': {
      const decay = subtract(exponential(-h), 1);
      return {
        sample: divide(to.sigma, from.sigma),
        zeroth: -multiply(to.alpha, decay),
        midpointSlope: -0.5 * multiply(to.alpha, decay),
        slope: multiply(to.alpha, add(divide(decay, h), 1)),
        curve: -multiply(to.alpha, subtract(divide(add(decay, h), square(h)), 0.5)),
        noise: 0,
      };
    }
    case 'dpmsolver': {
      const { growth, slope, curve } = growing(h);
      return {
        sample: divide(to.alpha, from.alpha),
        zeroth: -multiply(to.sigma, growth),
        midpointSlope: -0.5 * multiply(to.sigma, growth),
        slope: -multiply(to.sigma, slope),
        curve: -multiply(to.sigma, curve),
        noise: 0,
      };
    }
    case 'sde-dpmsolver++': {
      const double = multiply(2, h);
      const gain = subtract(1, exponential(-double));
      return {
        sample: multiply(divide(to.sigma, from.sigma), exponential(-h)),
        zeroth: multiply(to.alpha, gain),
        midpointSlope: 0.5 * multiply(to.alpha, gain),
        slope: multiply(to.alpha, add(divide(gain, -double), 1)),
        curve: multiply(to.alpha, subtract(divide(subtract(gain, double), square(double)), 0.5)),
        noise: multiply(to.sigma, squareRoot(gain)),
      };
    }
    case 'sde-dpmsolver': {
      const { growth, slope } = growing(h);
      return {
        sample: divide(to.alpha, from.alpha),
        zeroth: -2 * multiply(to.sigma, growth),
        midpointSlope: -multiply(to.sigma, growth),
        slope: -2 * multiply(to.sigma, slope),
        // This SDE has no third-order step; its class refuses the order.
        curve: Number.NaN,
        noise: multiply(to.sigma, squareRoot(subtract(exponential(multiply(2, h)), 1))),
      };
    }
  }
}

function growing(h: number): { readonly growth: number; readonly slope: number; readonly curve: number } {
  const growth = subtract(exponential(h), 1);
  return {
    growth,
    slope: subtract(divide(growth, h), 1),
    curve: subtract(divide(subtract(growth, h), square(h)), 0.5),
  };
}
