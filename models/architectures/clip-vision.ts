import type { Result } from '../../nodes/problem.ts';
import type { BuildOptions } from '../onnx/build-options.ts';
import { add, concat, gather, reshape, transpose } from '../onnx/operators.ts';
import type { WeightSource } from '../weights.ts';
import { clipLayer } from './blocks/clip-layer.ts';
import { layerNorm, linear } from './blocks/layers.ts';
import { startNetwork } from './blocks/network.ts';
import { type BuiltGraph, finishGraph } from './built-graph.ts';
import type { ClipVisionConfig } from './clip-vision-config.ts';

/** What of a picture is wanted: the whole in one vector, or what its squares are before the last layer (diffusers' `hidden_states[-2]`). */
export type ClipVisionOutput = 'image_embeds' | 'penultimate_states';

/**
 * Writes transformers' CLIPVisionModelWithProjection; layers that the output does not need are left out.
 *
 * Input: `pixel_values` float32 NCHW [1, 3, size, size], normalised. Output, float32: `image_embeds` [1, projection width], or
 * `penultimate_states` [1, tokens, width].
 */
export function buildClipVision(
  config: ClipVisionConfig,
  weights: WeightSource,
  output: ClipVisionOutput,
  options: BuildOptions,
): Result<BuiltGraph> {
  const network = startNetwork('clip-vision', weights, options, spellings);
  const { graph } = network;
  const { width, sizePx, patchPx, tokens, epsilon } = config;
  const pixels = graph.input('pixel_values', 'float32', [1, 3, sizePx, sizePx]);
  const kernel = network.weights.tensor('embeddings.patch_embedding.weight', [width, 3, patchPx, patchPx]);
  const patches = graph.node('Conv', [pixels, kernel], 'embeddings.patch_embedding', {
    attributes: { kernel_shape: [patchPx, patchPx], strides: [patchPx, patchPx] },
  });
  const rows = transpose(graph, 'embeddings.patches', reshape(graph, 'embeddings.patches/rows', patches, [0, width, -1]), [0, 2, 1]);
  const whole = network.weights.tensor('embeddings.class_embedding', [1, 1, width]);
  const joined = concat(graph, 'embeddings.tokens', [whole, rows], 1);
  const positions = network.weights.tensor('embeddings.position_embedding.weight', [tokens, width]);
  // Its name has been misspelt from the start.
  let x = layerNorm(network, 'pre_layrnorm', add(graph, 'embeddings', joined, positions), width, epsilon);
  const layers = output === 'image_embeds' ? config.layers : config.layers - 1;
  for (let layer = 0; layer < layers; layer++) x = clipLayer(network, `encoder.layers.${layer}`, x, config);
  if (output === 'penultimate_states') {
    graph.output(x, output, 'float32', [1, tokens, width]);
    return finishGraph(network);
  }
  const pooled = gather(graph, 'pooled', x, graph.int64([0], []), 1);
  const normal = layerNorm(network, 'post_layernorm', pooled, width, epsilon);
  const shape = { inFeatures: width, outFeatures: config.projectionWidth, bias: false };
  graph.output(linear(network, 'visual_projection', normal, shape), output, 'float32', [1, config.projectionWidth]);
  return finishGraph(network);
}

/** Up to transformers 4 everything but the projection lay under `vision_model`. */
function spellings(name: string): string[] {
  return name.startsWith('visual_projection.') ? [name] : [`vision_model.${name}`, name];
}
