import type { Value } from '../../onnx/graph.ts';
import { add, concat, reshape } from '../../onnx/operators.ts';
import { attend } from './attention.ts';
import { layerNorm, linear } from './layers.ts';
import type { Network } from './network.ts';

/** PyTorch's default. */
const EPSILON = 1e-5;

/**
 * TextTimeEmbedding of DeepFloyd IF: the mean of the text's states, as a query, attends to itself and them, and is projected to the
 * time embedding's width; float32 [batch, tokens, textWidth] to float32 [batch, timeWidth].
 */
export function textTimeEmbedding(
  network: Network,
  path: string,
  states: Value,
  { textWidth, timeWidth, heads }: { readonly textWidth: number; readonly timeWidth: number; readonly heads: number },
): Value {
  const { graph, weights } = network;
  const pool = `${path}.pool`;
  const square = { inFeatures: textWidth, outFeatures: textWidth };
  const normal = layerNorm(network, `${path}.norm1`, states, textWidth, EPSILON);
  const mean = graph.node('ReduceMean', [normal, graph.int64([1])], `${pool}/mean`, { attributes: { keepdims: 1 } });
  const token = add(graph, `${pool}/token`, mean, weights.tensor(`${pool}.positional_embedding`, [1, textWidth]));
  const tokens = concat(graph, `${pool}/tokens`, [token, normal], 1);
  const mixed = attend(network, `${pool}/attention`, {
    query: linear(network, `${pool}.q_proj`, token, square),
    key: linear(network, `${pool}.k_proj`, tokens, square),
    value: linear(network, `${pool}.v_proj`, tokens, square),
    heads,
    headWidth: textWidth / heads,
  });
  const pooled = reshape(graph, pool, mixed, [0, textWidth]);
  const projected = linear(network, `${path}.proj`, pooled, { inFeatures: textWidth, outFeatures: timeWidth });
  return graph.shaped(layerNorm(network, `${path}.norm2`, projected, timeWidth, EPSILON), ['batch', timeWidth]);
}
