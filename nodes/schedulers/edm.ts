import { add, divide, logarithm, multiply, square, squareRoot } from './float32.ts';
import { combine } from './linear-combination.ts';
import { linspaceFloat32 } from './linspace.ts';
import { choice, integer, number } from './option-table.ts';
import { karrasSigmas } from './sigmas.ts';

/** Karras et al. 2022 (arXiv 2206.00364), table 1, column "Ours": what the EDM samplers share. */

/** The options of every EDM class; the defaults are arguments. */
export function edmRows() {
  return {
    sigma_min: number(0.002),
    sigma_max: number(80),
    sigma_data: number(0.5),
    sigma_schedule: choice('karras', ['karras', 'exponential']),
    num_train_timesteps: integer(1000, 1, 1_000_000),
    rho: number(7),
    final_sigmas_type: choice('zero', ['zero', 'sigma_min']),
  };
}

/** Where EDM's noise levels lie. */
export interface EdmLevels {
  readonly sigma_min: number;
  readonly sigma_max: number;
  readonly sigma_schedule: 'karras' | 'exponential';
  readonly rho: number;
}

/** Falling noise levels by equation 5, or in even steps of log σ; `ramp` runs from 0 to 1, and its precision is the sum's. */
export function edmSigmas(options: EdmLevels, ramp: ArrayLike<number>): Float32Array {
  const { sigma_min: min, sigma_max: max, rho } = options;
  if (options.sigma_schedule === 'exponential') {
    return linspaceFloat32(Math.log(min), Math.log(max), ramp.length).map(Math.exp).reverse();
  }
  if (ramp instanceof Float32Array) {
    const from = max ** (1 / rho);
    const change = min ** (1 / rho) - from;
    // In float32 the last level misses sigma_min by a little, without which a solver ending there would divide by zero.
    return ramp.map((value) => add(from, multiply(value, change)) ** rho);
  }
  return Float32Array.from(karrasSigmas({ min, max }, ramp, rho));
}

/** What the network is told of a noise level: c_noise = log σ / 4. */
export function edmTimestep(sigma: number): number {
  return multiply(0.25, logarithm(sigma));
}

/** The sample as the network wants it: divided by √(σ² + σ_data²). */
export function edmInput(sample: Float32Array, sigma: number, data: number): Float32Array {
  const scale = divide(1, squareRoot(add(square(sigma), data ** 2)));
  return sample.map((value) => value * scale);
}

/** The clean sample out of the network's output: c_skip x + c_out F. */
export function edmOriginal(
  type: 'epsilon' | 'v_prediction',
  sigma: number,
  data: number,
  output: Float32Array,
  sample: Float32Array,
): Float32Array {
  const variance = add(square(sigma), data ** 2);
  const out = divide(multiply(sigma, data), squareRoot(variance));
  return combine([divide(data ** 2, variance), sample], [type === 'epsilon' ? out : -out, output]);
}
