import { divide, multiply, square, squareRoot, subtract } from './float32.ts';

/** Splits a step between noise levels into how far to go down and how much fresh noise to add: down² + up² = to². */
export function ancestralSplit(from: number, to: number): { readonly down: number; readonly up: number } {
  const up = squareRoot(divide(multiply(square(to), subtract(square(from), square(to))), square(from)));
  return { down: squareRoot(subtract(square(to), square(up))), up };
}
