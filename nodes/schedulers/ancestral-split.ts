import { divide, multiply, square, squareRoot, subtract } from './float32.ts';

/**
 * Splits a step between noise levels into how far to go down and how much fresh noise to add: down² + up² = to². `eta` scales
 * the noise; at 0 there is none.
 */
export function ancestralSplit(from: number, to: number, eta = 1): { readonly down: number; readonly up: number } {
  const ancestral = squareRoot(divide(multiply(square(to), subtract(square(from), square(to))), square(from)));
  const up = Math.min(to, multiply(eta, ancestral));
  return { down: squareRoot(subtract(square(to), square(up))), up };
}
