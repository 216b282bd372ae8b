import type { Value } from '../../onnx/graph.ts';
import { add, concat, multiply, pad, unsqueeze } from '../../onnx/operators.ts';
import { type Activation, activate } from './activation.ts';
import { linear } from './layers.ts';
import type { Network } from './network.ts';

/** How sinusoidal embeddings are laid out. */
export interface SinusoidStyle {
  readonly width: number;
  /** Cosines first. */
  readonly flipSinToCos: boolean;
  readonly freqShift: number;
}

/**
 * Sinusoidal embedding of numbers (Ho et al. 2020; Vaswani et al. 2017, section 3.5): float32 […] to float32 […, width]. The
 * frequencies 10000^(−i / (width/2 − freqShift)) are rounded to float32 step by step as torch does, because a timestep near 1000
 * multiplies their last bit.
 */
export function sinusoids({ graph }: Network, path: string, x: Value, rank: number, style: SinusoidStyle): Value {
  const half = style.width >> 1;
  const frequencies = new Float32Array(half);
  const logPeriod = Math.fround(-Math.log(10000));
  for (let index = 0; index < half; index++) {
    frequencies[index] = Math.exp(Math.fround(Math.fround(logPeriod * index) / (half - style.freqShift)));
  }
  const angles = multiply(graph, `${path}/angles`, unsqueeze(graph, `${path}/column`, x, [rank]), graph.float32(frequencies));
  const sines = graph.node('Sin', [angles], `${path}/sin`);
  const cosines = graph.node('Cos', [angles], `${path}/cos`);
  const joined = concat(graph, path, style.flipSinToCos ? [cosines, sines] : [sines, cosines], -1);
  if (style.width % 2 === 0) return joined;
  const before = new Array<number>(rank + 1).fill(0);
  return pad(graph, `${path}/padded`, joined, [...before, ...before.slice(1), 1]);
}

/** Shape of a TimestepEmbedding. */
export interface TimestepMlpShape {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly activation: Activation;
  readonly postActivation?: Activation | undefined;
  /** float32 [batch or 1, width]: a second input, projected and added to the first. */
  readonly condition?: { readonly value: Value; readonly width: number } | undefined;
}

/** TimestepEmbedding: two linear layers with an activation between; float32 […, in] to float32 […, out]. */
export function timestepMlp(network: Network, path: string, x: Value, shape: TimestepMlpShape): Value {
  const { inFeatures, outFeatures, activation, postActivation, condition } = shape;
  let y = x;
  if (condition !== undefined) {
    const projected = linear(network, `${path}.cond_proj`, condition.value, {
      inFeatures: condition.width,
      outFeatures: inFeatures,
      bias: false,
    });
    y = add(network.graph, `${path}/conditioned`, y, projected);
  }
  y = linear(network, `${path}.linear_1`, y, { inFeatures, outFeatures });
  y = activate(network, `${path}.act`, y, activation);
  y = linear(network, `${path}.linear_2`, y, { inFeatures: outFeatures, outFeatures });
  return postActivation === undefined ? y : activate(network, `${path}.post_act`, y, postActivation);
}
