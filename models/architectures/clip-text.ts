import type { Result } from '../../nodes/problem.ts';
import { elementCount } from '../../nodes/tensor.ts';
import type { BuildOptions } from '../onnx/build-options.ts';
import { ELEMENT_TYPES } from '../onnx/element-type.ts';
import type { Value } from '../onnx/graph.ts';
import { add, concat, gather, unsqueeze } from '../onnx/operators.ts';
import type { TensorSource, WeightSource } from '../weights.ts';
import { clipLayer } from './blocks/clip-layer.ts';
import { layerNorm, linear } from './blocks/layers.ts';
import { type Network, refuseNetwork, startNetwork } from './blocks/network.ts';
import { type BuiltGraph, finishGraph } from './built-graph.ts';
import type { ClipTextConfig } from './clip-text-config.ts';

/** The states after one layer, as an output. */
export interface HiddenState {
  /** 0: the embeddings; `config.layers`: after the last layer. Diffusers' clip_skip k takes `layers − k`, SDXL `layers − 1 − k`. */
  readonly layer: number;
  /** Whether the final layer norm is applied (Stable Diffusion 1 and 2: yes, SDXL: no). */
  readonly norm: boolean;
}

/** What a text encoder's graph is to give. */
export interface ClipTextOutputs {
  /** Each becomes an output called `hiddenStateName` of it. */
  readonly states: readonly HiddenState[];
  /** `pooler_output`: the end token's state after the final norm. */
  readonly pooled?: boolean;
  /** `text_embeds`: the same, projected (CLIPTextModelWithProjection). */
  readonly projected?: boolean;
}

/** The name of the output that holds a hidden state. */
export function hiddenStateName({ layer, norm }: HiddenState): string {
  return norm ? `hidden_states.${layer}.norm` : `hidden_states.${layer}`;
}

/**
 * Writes transformers' CLIPTextModel or CLIPTextModelWithProjection for texts of `tokens` tokens. Layers that no output needs are left out.
 * `addedWords`, each [vectors, width] or [width], follow the vocabulary: their first row has the id `config.vocabulary`.
 *
 * Input: `input_ids` int32 [batch, tokens]. Outputs, float32: every state asked for, [batch, tokens, width]; `pooler_output`
 * [batch, width]; `text_embeds` [batch, projection width].
 */
export function buildClipText(
  config: ClipTextConfig,
  weights: WeightSource,
  outputs: ClipTextOutputs,
  options: BuildOptions,
  tokens: number = config.tokens,
  addedWords: readonly TensorSource[] = [],
): Result<BuiltGraph> {
  const network = startNetwork('clip-text', weights, options, spellings);
  const { graph } = network;
  if (tokens > config.tokens)
    refuseNetwork(network, `The CLIP text encoder takes ${config.tokens} tokens, not ${tokens}. Shorten the text.`);
  const wantsEnd = outputs.pooled === true || outputs.projected === true;
  const needed = Math.max(0, ...outputs.states.map(({ layer }) => layer), wantsEnd ? config.layers : 0);
  if (needed > config.layers) {
    refuseNetwork(network, `The CLIP text encoder has ${config.layers} layers, so there is no state after layer ${needed}.`);
  }
  const ids = graph.input('input_ids', 'int32', ['batch', tokens]);
  const words = wordRows(network, config, ids, addedWords);
  const positions = positionRows(network, config, tokens);
  const mask = causalMask(network, tokens);
  const states = [add(graph, 'embeddings', words, positions)];
  for (let layer = 0; layer < needed; layer++) {
    const before = states.at(-1);
    if (before !== undefined) states.push(clipLayer(network, `encoder.layers.${layer}`, before, config, mask));
  }
  const finalNorm = (layer: number): Value => {
    const state = states[layer];
    if (state === undefined) throw new Error(`no state after layer ${layer}`);
    return layerNorm(network, 'final_layer_norm', state, config.width, config.epsilon);
  };
  if (network.problems.length > 0) return finishGraph(network);
  for (const wanted of outputs.states) {
    const state = wanted.norm ? finalNorm(wanted.layer) : states[wanted.layer];
    if (state !== undefined) graph.output(state, hiddenStateName(wanted), 'float32', ['batch', tokens, config.width]);
  }
  if (wantsEnd) {
    const end = endState(network, finalNorm(config.layers), ids, config.endToken);
    if (outputs.pooled === true) graph.output(end, 'pooler_output', 'float32', ['batch', config.width]);
    if (outputs.projected === true) {
      const shape = { inFeatures: config.width, outFeatures: config.projectionWidth, bias: false };
      graph.output(linear(network, 'text_projection', end, shape), 'text_embeds', 'float32', ['batch', config.projectionWidth]);
    }
  }
  return finishGraph(network);
}

/** The row of each id: of the vocabulary's table, or of the words that follow it, which is not worth copying the table for. */
function wordRows(network: Network, { vocabulary, width }: ClipTextConfig, ids: Value, addedWords: readonly TensorSource[]): Value {
  const { graph, weights } = network;
  const lookUp = (known: Value): Value =>
    weights.lookUp('embeddings.token_embedding.weight', [vocabulary, width], known, 'embeddings.words');
  if (addedWords.length === 0) return lookUp(ids);
  const path = 'embeddings.added_words';
  const parts = addedWords.map((source, index) => weights.foreign(`${path}.${index}`, source, [elementCount(source.shape) / width, width]));
  const table = concat(graph, path, parts, 0);
  const known = graph.node('Min', [ids, graph.int32([vocabulary - 1], [])], 'embeddings.words/ids');
  const beyond = graph.node('Sub', [ids, graph.int32([vocabulary], [])], `${path}/places`);
  const added = gather(graph, `${path}/rows`, table, graph.node('Max', [beyond, graph.int32([0], [])], `${path}/ids`));
  const isKnown = graph.node('Less', [ids, graph.int32([vocabulary], [])], 'embeddings.words/known');
  return graph.node('Where', [unsqueeze(graph, 'embeddings.words/known/rows', isKnown, [2]), lookUp(known), added], 'embeddings.all_words');
}

/** The first `tokens` rows of the position table: float32 [tokens, width]. */
function positionRows(network: Network, { tokens: rows, width }: ClipTextConfig, tokens: number): Value {
  const piece = network.weights.rows('embeddings.position_embedding.weight', [rows, width], 0, Math.min(tokens, rows));
  if (piece !== undefined) return piece;
  const indices = network.graph.int32(Array.from({ length: tokens }, (_, index) => index));
  return network.weights.lookUp('embeddings.position_embedding.weight', [rows, width], indices, 'embeddings.positions');
}

/** Keeps every token from seeing later ones: float32 [tokens, tokens], added to the scores. */
function causalMask({ graph }: Network, tokens: number): Value {
  const mask = new Float32Array(tokens * tokens);
  for (let row = 0; row < tokens; row++) mask.fill(Number.NEGATIVE_INFINITY, row * tokens + row + 1, (row + 1) * tokens);
  return graph.float32(mask, [tokens, tokens]);
}

/** The state of each text's end token: float32 [batch, width]. */
function endState({ graph }: Network, states: Value, ids: Value, endToken: number | undefined): Value {
  const toInt32 = { attributes: { to: ELEMENT_TYPES.int32 } };
  const ranked =
    endToken === undefined
      ? ids
      : graph.node('Cast', [graph.node('Equal', [ids, graph.int32([endToken], [])], 'end/is')], 'end/rank', toInt32);
  const place = graph.node('ArgMax', [ranked], 'end/place', { attributes: { axis: 1, keepdims: 0, select_last_index: 0 } });
  return graph.node('GatherND', [states, unsqueeze(graph, 'end/index', place, [1])], 'end/state', { attributes: { batch_dims: 1 } });
}

/** Up to transformers 4 everything but the projection lay under `text_model`. */
function spellings(name: string): string[] {
  return name.startsWith('text_projection.') ? [name] : [`text_model.${name}`, name];
}
