import type { Value } from '../../onnx/graph.ts';
import { add, multiply, reshape, transpose } from '../../onnx/operators.ts';
import { activate } from './activation.ts';
import { attend } from './attention.ts';
import { convolution, groupNorm, layerNorm, linear, linearRows } from './layers.ts';
import type { FeatureMaps, Network } from './network.ts';

/** PyTorch's default for layer norms; diffusers gives transformers' group norms 1e-6. */
const LAYER_EPSILON = 1e-5;
const GROUP_EPSILON = 1e-6;

/** What a Transformer2DModel looks like inside. */
export interface TransformerShape {
  readonly heads: number;
  readonly layers: number;
  readonly groups: number;
  readonly useLinearProjection: boolean;
  /** The first attention of every layer looks at the text too, instead of at the picture itself. */
  readonly onlyCrossAttention: boolean;
}

/** Text that pictures attend to. */
export interface TextStates {
  /** float32 [batch, tokens, width]. */
  readonly value: Value;
  readonly width: number;
}

/** One attention of a layer. */
export interface AttentionPlace {
  /** As diffusers names it: `down_blocks.0.attentions.1.transformer_blocks.0.attn2`. */
  readonly name: string;
  /** The feature maps whose cells ask. */
  readonly height: number;
  readonly width: number;
}

/** What is done to attention while it is written; each method is asked for every layer that it is about. */
export interface AttentionRewrite {
  /** What makes the weights of an attention to the text out of those that softmax gives; undefined: they stay, and nobody sees them. */
  reweighText(place: AttentionPlace): ((weights: Value) => Value) | undefined;
  /** Queries and keys of an attention of the picture to itself, float32 [batch, cells, width]. */
  changeSelf(place: AttentionPlace, given: QueryAndKey): QueryAndKey;
  /** What an attention to the text gives, together with what else its queries look at; float32 [batch, cells, heads · headWidth]. */
  addToText?(place: AttentionPlace, asked: AskedText, mixed: Value): Value;
}

/** The queries of an attention to the text: float32 [batch, cells, heads · headWidth]. */
export interface AskedText {
  readonly query: Value;
  readonly heads: number;
  readonly headWidth: number;
}

/** float32 [batch, tokens, width], both of one width. */
export interface QueryAndKey {
  readonly query: Value;
  readonly key: Value;
}

/** Tokens of a picture: float32 [batch, count, width]. */
interface PictureTokens {
  readonly value: Value;
  readonly width: number;
  /** The cells that they were. */
  readonly cells: { readonly height: number; readonly width: number };
}

/** Transformer2DModel over continuous inputs: every cell of the feature maps becomes a token and back. */
export function transformer2d(
  network: Network,
  path: string,
  x: FeatureMaps,
  text: TextStates,
  shape: TransformerShape,
  rewrite?: AttentionRewrite,
): FeatureMaps {
  const { graph } = network;
  const { channels, height, width } = x;
  const headWidth = Math.floor(channels / shape.heads);
  // Narrower than the channels where the heads do not divide them.
  const inner = headWidth * shape.heads;
  const normal = groupNorm(network, `${path}.norm`, x, shape.groups, GROUP_EPSILON);
  let tokens = projectIn(network, `${path}.proj_in`, normal, inner, shape.useLinearProjection);
  for (let layer = 0; layer < shape.layers; layer++) {
    tokens = transformerLayer(network, `${path}.transformer_blocks.${layer}`, tokens, text, shape, headWidth, rewrite);
  }
  const out = `${path}.proj_out`;
  if (shape.useLinearProjection) {
    const projected = linear(network, out, tokens.value, { inFeatures: inner, outFeatures: channels });
    return { ...x, value: add(graph, path, toMaps(network, out, projected, channels, height, width), x.value) };
  }
  const maps = { value: toMaps(network, out, tokens.value, inner, height, width), channels: inner, height, width };
  return { ...x, value: add(graph, path, convolution(network, out, maps, { outChannels: channels, kernel: 1 }).value, x.value) };
}

function projectIn(network: Network, path: string, x: FeatureMaps, inner: number, isLinear: boolean): PictureTokens {
  const cells = { height: x.height, width: x.width };
  if (!isLinear)
    return { value: toTokens(network, path, convolution(network, path, x, { outChannels: inner, kernel: 1 })), width: inner, cells };
  const value = linear(network, path, toTokens(network, path, x), { inFeatures: x.channels, outFeatures: inner });
  return { value, width: inner, cells };
}

/** BasicTransformerBlock: attention among the tokens, attention to the text, gated feed-forward; each added to what it reads. */
function transformerLayer(
  network: Network,
  path: string,
  x: PictureTokens,
  text: TextStates,
  { heads, onlyCrossAttention }: TransformerShape,
  headWidth: number,
  rewrite: AttentionRewrite | undefined,
): PictureTokens {
  const { graph } = network;
  const { width, cells } = x;
  const count = cells.height * cells.width;
  const sublayer = (name: string, before: Value, make: (normal: Value) => Value): Value => {
    const normal = layerNorm(network, `${path}.norm${name}`, before, width, LAYER_EPSILON);
    return add(graph, `${path}/residual.${name}`, make(normal), before);
  };
  const attention = (name: string, normal: Value, other: TextStates | undefined): Value => {
    const source = other ?? { value: normal, width };
    const features = { outFeatures: width, bias: false };
    const at = `${path}.${name}`;
    const place = { name: at, ...cells };
    const fromSource = (projection: string): Value => {
      const value = linear(network, `${at}.${projection}`, source.value, { inFeatures: source.width, ...features });
      return other === undefined ? value : graph.shaped(value, ['batch', 'tokens', width]);
    };
    const asked = {
      query: linear(network, `${at}.to_q`, normal, { inFeatures: width, ...features }),
      key: fromSource('to_k'),
    };
    const values = fromSource('to_v');
    const reweigh = other === undefined ? undefined : rewrite?.reweighText(place);
    const mixed = attend(network, at, {
      ...(other === undefined && rewrite !== undefined ? rewrite.changeSelf(place, asked) : asked),
      value: values,
      heads,
      headWidth,
      ...(other === undefined ? { scores: { queries: count, keys: count } } : {}),
      ...(reweigh === undefined ? {} : { reweigh }),
    });
    const added = name === 'attn2' ? rewrite?.addToText?.(place, { query: asked.query, heads, headWidth }, mixed) : undefined;
    return linear(network, `${at}.to_out.0`, added ?? mixed, { inFeatures: width, outFeatures: width });
  };
  let y = sublayer('1', x.value, (normal) => attention('attn1', normal, onlyCrossAttention ? text : undefined));
  y = sublayer('2', y, (normal) => attention('attn2', normal, text));
  y = sublayer('3', y, (normal) => feedForward(network, `${path}.ff`, normal, width));
  return { ...x, value: y };
}

/** GEGLU (Shazeer 2020): (x V + c) · gelu(x W + b), four times as wide, then back. */
function feedForward(network: Network, path: string, x: Value, width: number): Value {
  const hidden = 4 * width;
  const project = `${path}.net.0.proj`;
  // Two products with half of the weights each: splitting one product would copy it.
  const content = linearRows(network, project, x, width, 2 * hidden, 0, hidden);
  const gate = linearRows(network, project, x, width, 2 * hidden, hidden, 2 * hidden);
  const gated = multiply(network.graph, `${path}.net.0`, content, activate(network, `${path}.net.0/gelu`, gate, 'gelu'));
  return linear(network, `${path}.net.2`, gated, { inFeatures: hidden, outFeatures: width });
}

/** float32 NCHW to float32 [batch, height · width, channels]. */
function toTokens({ graph }: Network, path: string, { value, channels }: FeatureMaps): Value {
  return transpose(graph, `${path}/tokens`, reshape(graph, `${path}/rows`, value, [0, channels, -1]), [0, 2, 1]);
}

/** float32 [batch, height · width, channels] to float32 NCHW. */
function toMaps({ graph }: Network, path: string, tokens: Value, channels: number, height: number, width: number): Value {
  return reshape(graph, `${path}/maps`, transpose(graph, `${path}/rows`, tokens, [0, 2, 1]), [0, channels, height, width]);
}
