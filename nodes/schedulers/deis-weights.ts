import { add, divide, multiply, square, subtract } from './float32.ts';
import { numpyLog } from './numpy-log.ts';
import type { Level } from './solver-space.ts';

/**
 * The integrals over ρ from the newest node to `to` of the Lagrange polynomials in log ρ at two or three nodes, newest first
 * (Zhang and Chen 2022, equation 15). In float32, with numpy's logarithm: differences of nearly equal numbers.
 */
export function logRhoWeights(nodes: readonly Level[], to: Level): readonly number[] {
  const rhos = nodes.map(rhoOf);
  const [start = Number.NaN] = rhos;
  const end = rhoOf(to);
  return rhos.map((own, i) => {
    // The other nodes in cyclic order, as diffusers adds their terms up.
    const others = [...rhos.slice(i + 1), ...rhos.slice(0, i)].map(numpyLog);
    const log = numpyLog(own);
    const [first = Number.NaN, second] = others;
    const integral = second === undefined ? linear : quadratic;
    return subtract(integral(end, log, first, second ?? 0), integral(start, log, first, second ?? 0));
  });
}

function rhoOf({ alpha, sigma }: Level): number {
  return divide(sigma, alpha);
}

/** ∫ (log t - c) / (b - c) dt. */
function linear(t: number, b: number, c: number): number {
  return divide(multiply(t, subtract(add(-c, numpyLog(t)), 1)), subtract(b, c));
}

/** ∫ (log t - c)(log t - d) / ((b - c)(b - d)) dt. */
function quadratic(t: number, b: number, c: number, d: number): number {
  const log = numpyLog(t);
  const product = subtract(multiply(c, add(subtract(d, log), 1)), multiply(d, log));
  const sum = add(subtract(add(add(product, d), square(log)), multiply(2, log)), 2);
  return divide(multiply(t, sum), multiply(subtract(b, c), subtract(b, d)));
}
