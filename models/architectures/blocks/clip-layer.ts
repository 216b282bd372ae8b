import type { Value } from '../../onnx/graph.ts';
import { add } from '../../onnx/operators.ts';
import { type Activation, activate } from './activation.ts';
import { attend } from './attention.ts';
import { layerNorm, linear } from './layers.ts';
import type { Network } from './network.ts';

/** What the layers of one CLIP encoder have in common. */
export interface ClipLayerShape {
  readonly width: number;
  readonly innerWidth: number;
  readonly heads: number;
  readonly activation: Activation;
  readonly epsilon: number;
}

/**
 * CLIPEncoderLayer: attention among the tokens, then two linear layers, each after a norm and added to what it reads; float32
 * [batch, tokens, width]. `mask` is added to the scores.
 */
export function clipLayer(network: Network, path: string, x: Value, shape: ClipLayerShape, mask?: Value): Value {
  const { graph } = network;
  const { width, innerWidth, heads, epsilon } = shape;
  const square = { inFeatures: width, outFeatures: width };
  const at = `${path}.self_attn`;
  const first = layerNorm(network, `${path}.layer_norm1`, x, width, epsilon);
  const mixed = attend(network, at, {
    query: linear(network, `${at}.q_proj`, first, square),
    key: linear(network, `${at}.k_proj`, first, square),
    value: linear(network, `${at}.v_proj`, first, square),
    heads,
    headWidth: width / heads,
    ...(mask === undefined ? {} : { bias: mask }),
  });
  const attended = add(graph, `${path}/residual.1`, linear(network, `${at}.out_proj`, mixed, square), x);
  const second = layerNorm(network, `${path}.layer_norm2`, attended, width, epsilon);
  const inner = linear(network, `${path}.mlp.fc1`, second, { inFeatures: width, outFeatures: innerWidth });
  const active = activate(network, `${path}.mlp/activation`, inner, shape.activation);
  const outer = linear(network, `${path}.mlp.fc2`, active, { inFeatures: innerWidth, outFeatures: width });
  return add(graph, `${path}/residual.2`, outer, attended);
}
