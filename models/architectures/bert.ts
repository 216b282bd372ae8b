import { z } from 'zod';
import { ok, type Result } from '../../nodes/problem.ts';
import type { BuildOptions } from '../onnx/build-options.ts';
import { ELEMENT_TYPES } from '../onnx/element-type.ts';
import type { Value } from '../onnx/graph.ts';
import { add, multiply, unsqueeze } from '../onnx/operators.ts';
import type { WeightSource } from '../weights.ts';
import { ACTIVATIONS, type Activation, activate } from './blocks/activation.ts';
import { attend } from './blocks/attention.ts';
import { layerNorm, linear } from './blocks/layers.ts';
import { type Network, startNetwork } from './blocks/network.ts';
import { type BuiltGraph, finishGraph } from './built-graph.ts';
import { depth, epsilon as normEpsilon, oneOf, parseConfig, refuseConfig, size } from './parse-config.ts';

const WHAT = 'BERT text encoder';

/** The keys of transformers' BertConfig, with its defaults. */
const schema = z.object({
  model_type: oneOf(['bert']).optional(),
  vocab_size: size.default(30522),
  hidden_size: size.default(768),
  intermediate_size: size.default(3072),
  num_hidden_layers: depth.default(12),
  num_attention_heads: size.default(12),
  max_position_embeddings: size.default(512),
  type_vocab_size: size.default(2),
  hidden_act: z.enum(ACTIVATIONS).default('gelu'),
  layer_norm_eps: normEpsilon.default(1e-12),
  position_embedding_type: oneOf(['absolute']).nullish(),
  is_decoder: oneOf([false]).nullish(),
  add_cross_attention: oneOf([false]).nullish(),
});

/** A BERT encoder's config, checked. */
export interface BertConfig {
  readonly vocabulary: number;
  readonly width: number;
  readonly innerWidth: number;
  readonly layers: number;
  readonly heads: number;
  /** The longest text, in tokens. */
  readonly positions: number;
  readonly tokenTypes: number;
  readonly activation: Activation;
  readonly epsilon: number;
}

/** Reads a BertModel's config.json. */
export function parseBertConfig(json: unknown): Result<BertConfig> {
  const parsed = parseConfig(schema, json, WHAT);
  if (!parsed.ok) return parsed;
  const raw = parsed.value;
  if (raw.hidden_size % raw.num_attention_heads !== 0) {
    return refuseConfig(WHAT, 'num_attention_heads', raw.num_attention_heads, `it has to divide "hidden_size": ${raw.hidden_size}`);
  }
  return ok({
    vocabulary: raw.vocab_size,
    width: raw.hidden_size,
    innerWidth: raw.intermediate_size,
    layers: raw.num_hidden_layers,
    heads: raw.num_attention_heads,
    positions: raw.max_position_embeddings,
    tokenTypes: raw.type_vocab_size,
    activation: raw.hidden_act,
    epsilon: raw.layer_norm_eps,
  });
}

/**
 * Writes transformers' BertModel without its pooler, for texts of any length up to `config.positions`. Every token is of type 0.
 *
 * Inputs: `input_ids` int32 [batch, tokens]; `attention_mask` int32 [batch, tokens], 1 for tokens that are there, 0 for padding.
 * Output: `last_hidden_state` float32 [batch, tokens, width].
 */
export function buildBert(config: BertConfig, weights: WeightSource, options: BuildOptions): Result<BuiltGraph> {
  const network = startNetwork('bert', weights, options, (name) => [name, `bert.${name}`]);
  const { graph } = network;
  const ids = graph.input('input_ids', 'int32', ['batch', 'tokens']);
  const mask = graph.input('attention_mask', 'int32', ['batch', 'tokens']);
  const { width } = config;
  const words = network.weights.lookUp('embeddings.word_embeddings.weight', [config.vocabulary, width], ids, 'embeddings/words');
  const first = graph.int64([0]);
  const length = graph.node('Shape', [ids], 'embeddings/length', { attributes: { start: 1, end: 2 } });
  const positions = graph.node(
    'Slice',
    [table(network, 'position', config.positions, width), first, length, first],
    'embeddings/positions',
  );
  const type = graph.node(
    'Slice',
    [table(network, 'token_type', config.tokenTypes, width), first, graph.int64([1]), first],
    'embeddings/type',
  );
  const sum = add(graph, 'embeddings/sum', add(graph, 'embeddings/typed', words, type), positions);
  let x = layerNorm(network, 'embeddings.LayerNorm', sum, width, config.epsilon);
  const bias = maskBias(network, mask);
  for (let layer = 0; layer < config.layers; layer++) x = encoderLayer(network, `encoder.layer.${layer}`, x, config, bias);
  graph.output(x, 'last_hidden_state', 'float32', ['batch', 'tokens', width]);
  return finishGraph(network);
}

function table({ weights }: Network, kind: string, rows: number, width: number): Value {
  return weights.tensor(`embeddings.${kind}_embeddings.weight`, [rows, width]);
}

/** float32 [batch, 1, 1, tokens]: 0 where a token is, the lowest float where padding is. */
function maskBias({ graph }: Network, mask: Value): Value {
  const there = graph.node('Cast', [mask], 'mask/there', { attributes: { to: ELEMENT_TYPES.float32 } });
  const gone = add(graph, 'mask/gone', there, graph.float32([-1], []));
  // The lowest float32, not infinity: a row of padding alone must not become NaN.
  return unsqueeze(graph, 'mask', multiply(graph, 'mask/bias', gone, graph.float32([3.4028234663852886e38], [])), [1, 2]);
}

/** Post-norm layer of Devlin et al. 2018: attention and feed-forward, each added to what it reads and then normalised. */
function encoderLayer(network: Network, path: string, x: Value, config: BertConfig, bias: Value): Value {
  const { graph } = network;
  const { width, innerWidth, heads, epsilon } = config;
  const square = { inFeatures: width, outFeatures: width };
  const at = `${path}.attention.self`;
  const mixed = attend(network, at, {
    query: linear(network, `${at}.query`, x, square),
    key: linear(network, `${at}.key`, x, square),
    value: linear(network, `${at}.value`, x, square),
    heads,
    headWidth: width / heads,
    bias,
  });
  const attended = linear(network, `${path}.attention.output.dense`, mixed, square);
  const first = layerNorm(network, `${path}.attention.output.LayerNorm`, add(graph, `${path}/residual.1`, attended, x), width, epsilon);
  const inner = linear(network, `${path}.intermediate.dense`, first, { inFeatures: width, outFeatures: innerWidth });
  const active = activate(network, `${path}.intermediate/activation`, inner, config.activation);
  const outer = linear(network, `${path}.output.dense`, active, { inFeatures: innerWidth, outFeatures: width });
  return layerNorm(network, `${path}.output.LayerNorm`, add(graph, `${path}/residual.2`, outer, first), width, epsilon);
}
