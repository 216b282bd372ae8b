import type { Value } from '../../onnx/graph.ts';
import { add, concat, matMul, multiply, reshape, softmax, split, transpose } from '../../onnx/operators.ts';
import type { Network } from './network.ts';

/**
 * How many scores one plain attention may hold a picture of the batch; more is worked off in slices of queries. With 128×128 tokens of
 * one wide head a quarter of this saves 50 MB more and four times as much costs 200 MB; the time is the same.
 */
const MAX_SCORES = 16 << 20;

/** Queries, keys and values of an attention, after their projections. */
export interface AttentionInput {
  /** float32 [batch, queries, heads · headWidth]. */
  readonly query: Value;
  /** float32 [batch, keys, heads · headWidth]. */
  readonly key: Value;
  /** float32 [batch, keys, heads · headWidth]. */
  readonly value: Value;
  readonly heads: number;
  readonly headWidth: number;
  /** float32, added to the scores; broadcast to [batch, heads, queries, keys]. */
  readonly bias?: Value;
  /** Scores a head has, where that is known before running: queries times keys. */
  readonly scores?: { readonly queries: number; readonly keys: number };
  /** Weights to use instead of those that softmax gives, float32 [batch, heads, queries, keys]; all of them are then held at once. */
  readonly reweigh?: (weights: Value) => Value;
}

/** softmax(Q Kᵀ / √width) V for every head (Vaswani et al. 2017, equation 1): float32 [batch, queries, heads · headWidth]. */
export function attend(network: Network, path: string, input: AttentionInput): Value {
  const { graph } = network;
  const { query, key, value, heads, headWidth, bias, reweigh } = input;
  // The fused kernel is slower than products for one wide head (352 against 228 ms in Stable Diffusion's autoencoder).
  const isSlow = heads === 1 && headWidth >= 256;
  const fused = network.attention === 'fused' && bias === undefined && reweigh === undefined && !isSlow;
  if (fused) {
    return graph.node('MultiHeadAttention', [query, key, value], path, { domain: 'com.microsoft', attributes: { num_heads: heads } });
  }
  const scaled = multiply(graph, `${path}/scaled`, query, graph.float32([1 / Math.sqrt(headWidth)], []));
  const q = transpose(graph, `${path}/query`, reshape(graph, `${path}/query/heads`, scaled, [0, 0, heads, headWidth]), [0, 2, 1, 3]);
  const k = transpose(graph, `${path}/key`, reshape(graph, `${path}/key/heads`, key, [0, 0, heads, headWidth]), [0, 2, 3, 1]);
  const v = transpose(graph, `${path}/value`, reshape(graph, `${path}/value/heads`, value, [0, 0, heads, headWidth]), [0, 2, 1, 3]);
  const slices = input.scores === undefined || reweigh !== undefined ? 1 : sliceCount(input.scores.queries, input.scores.keys, heads);
  const queries = slices === 1 ? [q] : split(graph, `${path}/slices`, q, slices, 2);
  const parts = queries.map((part, index) => {
    const name = slices === 1 ? path : `${path}/slice.${index}`;
    const scores = matMul(graph, `${name}/scores`, part, k);
    const biased = bias === undefined ? scores : add(graph, `${name}/biased`, scores, bias);
    const weights = softmax(graph, `${name}/weights`, biased);
    return matMul(graph, `${name}/mixed`, reweigh === undefined ? weights : reweigh(weights), v);
  });
  const mixed = concat(graph, `${path}/joined`, parts, 2);
  return reshape(graph, path, transpose(graph, `${path}/tokens`, mixed, [0, 2, 1, 3]), [0, 0, heads * headWidth]);
}

/** Into how many slices the queries are cut; Split wants parts of equal size with a smaller last one. */
function sliceCount(queries: number, keys: number, heads: number): number {
  const wanted = Math.min(queries, Math.ceil((queries * keys * heads) / MAX_SCORES));
  const rows = Math.ceil(queries / wanted);
  return Math.ceil(queries / rows);
}
