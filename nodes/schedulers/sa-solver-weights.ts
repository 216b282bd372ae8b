import { add, divide, exponential, multiply, square, squareRoot, subtract } from './float32.ts';
import type { Level } from './solver-space.ts';

/** One prediction or correction. */
export interface AdamsSpan {
  readonly from: Level;
  readonly to: Level;
  /** How much of the path is noise: 0 is the ODE. */
  readonly tau: 0 | 1;
  /** Which output is integrated: the predicted original, else the predicted noise. */
  readonly ofOriginal: boolean;
  /** The output at the end is known. */
  readonly corrects: boolean;
}

/** A step as weights: of the sample it starts from, of the outputs, newest first, and of N(0, 1) noise. */
export interface AdamsWeights {
  readonly sample: number;
  readonly outputs: readonly number[];
  readonly noise: number;
}

/**
 * Xue et al. 2023 (arXiv 2309.05019), equations 14 to 17: the outputs are interpolated over λ by a polynomial, which is integrated
 * exactly. `lambdas`: where the outputs are, newest first. Float32, in diffusers' order: the integrals cancel by several digits.
 */
export function adamsWeights(span: AdamsSpan, lambdas: readonly number[]): AdamsWeights {
  const { from, to, tau, ofOriginal } = span;
  const h = subtract(to.lambda, from.lambda);
  const order = lambdas.length;
  const integrals = Array.from({ length: order }, (_, at) =>
    ofOriginal ? growingIntegral(order - 1 - at, from.lambda, to.lambda, 1 + tau) : fallingIntegral(order - 1 - at, from.lambda, to.lambda),
  );
  const gradients = lambdas.map((_, node) =>
    basisPolynomial(lambdas, node).reduce((sum, coefficient, at) => add(sum, multiply(coefficient, integrals[at] ?? 0)), 0),
  );
  if (!ofOriginal) {
    const scale = multiply(-(1 + tau), to.alpha);
    return {
      sample: divide(to.alpha, from.alpha),
      outputs: gradients.map((gradient) => multiply(scale, gradient)),
      noise: multiply(tau * to.sigma, squareRoot(subtract(exponential(multiply(2, h)), 1))),
    };
  }
  if (order === 2) {
    const change = secondOrderChange(span, h, lambdas);
    gradients[0] = add(gradients[0] ?? 0, change);
    gradients[1] = subtract(gradients[1] ?? 0, change);
  }
  const scale = multiply(multiply(1 + tau, to.sigma), exponential(-tau * to.lambda));
  return {
    sample: multiply(exponential(-tau * h), divide(to.sigma, from.sigma)),
    outputs: gradients.map((gradient) => multiply(scale, gradient)),
    noise: multiply(to.sigma, squareRoot(subtract(1, exponential(multiply(-2 * tau, h))))),
  };
}

/** A term of third order that improves few steps, as in UniPC. */
function secondOrderChange({ to, tau, corrects }: AdamsSpan, h: number, [newest = 0, other = 0]: readonly number[]): number {
  const rate = 1 + tau;
  const growth = exponential(multiply(rate, to.lambda));
  const rest = add(subtract(multiply(h, rate), 1), exponential(multiply(rate, -h)));
  if (corrects) return multiply(growth, subtract(divide(h, 2), divide(rest, multiply(rate ** 2, h))));
  return divide(multiply(growth, subtract(divide(square(h), 2), divide(rest, rate ** 2))), subtract(newest, other));
}

/** ∫ e^(rate x) x^power over an interval. */
function growingIntegral(power: number, start: number, end: number, rate: number): number {
  const [first, last] = [multiply(rate, start), multiply(rate, end)];
  const decay = exponential(-subtract(last, first));
  const value = power === 0 ? subtract(1, decay) : subtract(alternating(power, last), multiply(alternating(power, first), decay));
  return divide(multiply(exponential(last), value), rate ** (power + 1));
}

/** ∫ e^(-x) x^power over an interval. */
function fallingIntegral(power: number, start: number, end: number): number {
  const growth = exponential(subtract(end, start));
  const value = power === 0 ? subtract(growth, 1) : subtract(multiply(ascending(power, start), growth), ascending(power, end));
  return multiply(exponential(-end), value);
}

/** x^n − n x^(n−1) + n (n−1) x^(n−2) − … */
function alternating(power: number, x: number): number {
  return polynomial(power, x, -1);
}

/** x^n + n x^(n−1) + n (n−1) x^(n−2) + … */
function ascending(power: number, x: number): number {
  return polynomial(power, x, 1);
}

function polynomial(power: number, x: number, sign: 1 | -1): number {
  let factor = 1;
  let sum = Math.fround(x ** power);
  for (let left = power - 1; left >= 0; left--) {
    factor *= sign * (left + 1);
    sum = add(sum, multiply(factor, Math.fround(x ** left)));
  }
  return sum;
}

/** Coefficients of Lagrange's polynomial that is 1 at one node and 0 at the others, highest power first. */
function basisPolynomial(nodes: readonly number[], node: number): number[] {
  const own = nodes[node] ?? 0;
  const others = nodes.filter((_, at) => at !== node);
  const denominator = others.reduce((product, other) => multiply(product, subtract(own, other)), 1);
  const [a = 0, b = 0, c = 0] = others;
  const numerators = {
    0: [1],
    1: [1, -a],
    2: [1, subtract(-a, b), multiply(a, b)],
    3: [1, subtract(subtract(-a, b), c), add(add(multiply(a, b), multiply(a, c)), multiply(b, c)), -multiply(multiply(a, b), c)],
  }[others.length];
  if (numerators === undefined) throw new Error(`SA-Solver has orders 1 to 4, not ${nodes.length}`);
  return numerators.map((numerator) => divide(numerator, denominator));
}
