import type { Result } from '../../nodes/problem.ts';
import type { BuildOptions } from '../onnx/build-options.ts';
import type { Value } from '../onnx/graph.ts';
import { add, concat, reshape, split } from '../onnx/operators.ts';
import type { WeightSource } from '../weights.ts';
import { activate } from './blocks/activation.ts';
import { attend } from './blocks/attention.ts';
import { layerNorm, linear } from './blocks/layers.ts';
import { type Network, startNetwork } from './blocks/network.ts';
import { type BuiltGraph, finishGraph } from './built-graph.ts';

/** PyTorch's default. */
const EPSILON = 1e-5;

/** The heads of IP-Adapter Plus are this wide. */
const HEAD_WIDTH = 64;

/** How an IP-Adapter makes tokens of what the vision encoder gives, told from its tensors' shapes. */
export type IpAdapterProjection = {
  /** Width of what the vision encoder gives. */
  readonly encoderWidth: number;
  /** Width of the tokens. */
  readonly width: number;
} & (
  | { readonly kind: 'base'; readonly tokens: number }
  | { readonly kind: 'full' }
  | { readonly kind: 'plus'; readonly tokens: number; readonly innerWidth: number; readonly layers: number; readonly heads: number }
);

/**
 * Writes the part of an IP-Adapter (Ye et al. 2023) that makes tokens of a picture, under its file's own names without `image_proj.`.
 *
 * Input: `image` float32 [1, encoder width] (`image_embeds`) for `base`, else [1, encoder tokens, encoder width] (`penultimate_states`).
 * Output: `tokens` float32 [1, tokens, width].
 */
export function buildIpAdapterProjection(shape: IpAdapterProjection, weights: WeightSource, options: BuildOptions): Result<BuiltGraph> {
  const network = startNetwork('ip-adapter-projection', weights, options);
  const { graph } = network;
  const { encoderWidth, width } = shape;
  const image = graph.input('image', 'float32', shape.kind === 'base' ? [1, encoderWidth] : [1, 'patches', encoderWidth]);
  const tokens = project(network, shape, image);
  graph.output(tokens, 'tokens', 'float32', [1, shape.kind === 'full' ? 'patches' : shape.tokens, width]);
  return finishGraph(network);
}

function project(network: Network, shape: IpAdapterProjection, image: Value): Value {
  const { encoderWidth, width } = shape;
  switch (shape.kind) {
    case 'base': {
      const projected = linear(network, 'proj', image, { inFeatures: encoderWidth, outFeatures: shape.tokens * width });
      return layerNorm(network, 'norm', reshape(network.graph, 'proj/tokens', projected, [0, shape.tokens, width]), width, EPSILON);
    }
    case 'full': {
      const inner = linear(network, 'proj.0', image, { inFeatures: encoderWidth, outFeatures: encoderWidth });
      const active = activate(network, 'proj.1', inner, 'gelu');
      return layerNorm(
        network,
        'proj.3',
        linear(network, 'proj.2', active, { inFeatures: encoderWidth, outFeatures: width }),
        width,
        EPSILON,
      );
    }
    case 'plus':
      return resample(network, shape, image);
    default:
      return shape satisfies never;
  }
}

/** Perceiver Resampler (Alayrac et al. 2022): a few learned tokens ask the picture's, layer by layer. */
function resample(network: Network, shape: Extract<IpAdapterProjection, { kind: 'plus' }>, image: Value): Value {
  const { graph, weights } = network;
  const { innerWidth, tokens, heads } = shape;
  const inside = { inFeatures: innerWidth, outFeatures: heads * HEAD_WIDTH, bias: false };
  const seen = linear(network, 'proj_in', image, { inFeatures: shape.encoderWidth, outFeatures: innerWidth });
  let x = weights.tensor('latents', [1, tokens, innerWidth]);
  for (let layer = 0; layer < shape.layers; layer++) {
    const at = `layers.${layer}.0`;
    const picture = layerNorm(network, `${at}.norm1`, seen, innerWidth, EPSILON);
    const asking = layerNorm(network, `${at}.norm2`, x, innerWidth, EPSILON);
    const source = concat(graph, `${at}/source`, [picture, asking], 1);
    const both = linear(network, `${at}.to_kv`, source, { ...inside, outFeatures: 2 * heads * HEAD_WIDTH });
    const [key, value] = split(graph, `${at}.to_kv/halves`, both, 2, -1);
    if (key === undefined || value === undefined) throw new Error('a split in two has two parts');
    const query = linear(network, `${at}.to_q`, asking, inside);
    const mixed = attend(network, at, { query, key, value, heads, headWidth: HEAD_WIDTH });
    const attended = linear(network, `${at}.to_out`, mixed, { inFeatures: heads * HEAD_WIDTH, outFeatures: innerWidth, bias: false });
    x = add(graph, `${at}/residual`, attended, x);
    const ff = `layers.${layer}.1`;
    const normal = layerNorm(network, `${ff}.0`, x, innerWidth, EPSILON);
    const wide = linear(network, `${ff}.1`, normal, { inFeatures: innerWidth, outFeatures: 4 * innerWidth, bias: false });
    const narrow = { inFeatures: 4 * innerWidth, outFeatures: innerWidth, bias: false };
    x = add(graph, `${ff}/residual`, linear(network, `${ff}.3`, activate(network, `${ff}.2`, wide, 'gelu'), narrow), x);
  }
  const projected = linear(network, 'proj_out', x, { inFeatures: innerWidth, outFeatures: shape.width });
  return layerNorm(network, 'norm_out', projected, shape.width, EPSILON);
}
