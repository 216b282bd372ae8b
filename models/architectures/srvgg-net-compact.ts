import { z } from 'zod';
import { ok, type Result } from '../../nodes/problem.ts';
import type { BuildOptions } from '../onnx/build-options.ts';
import { add } from '../onnx/operators.ts';
import type { WeightSource } from '../weights.ts';
import { convolution } from './blocks/layers.ts';
import { type FeatureMaps, startNetwork } from './blocks/network.ts';
import { type BuiltGraph, finishGraph } from './built-graph.ts';
import { oneOf, parseConfig, size } from './parse-config.ts';

/** The arguments of Real-ESRGAN's SRVGGNetCompact, with its defaults. */
const schema = z.object({
  _class_name: oneOf(['SRVGGNetCompact']),
  num_in_ch: oneOf([3]).default(3),
  num_out_ch: oneOf([3]).default(3),
  num_feat: size.default(64),
  num_conv: z.int().min(0).max(256).default(16),
  upscale: oneOf([1, 2, 3, 4, 8]).default(4),
  act_type: oneOf(['prelu', 'relu', 'leakyrelu']).default('prelu'),
});

/** An SRVGGNetCompact's config, checked. */
export interface SrvggNetCompactConfig {
  readonly features: number;
  readonly convolutions: number;
  readonly scale: number;
  readonly activation: 'prelu' | 'relu' | 'leakyrelu';
}

/** Reads an SRVGGNetCompact's config. */
export function parseSrvggNetCompactConfig(json: unknown): Result<SrvggNetCompactConfig> {
  const parsed = parseConfig(schema, json, 'upscaler');
  if (!parsed.ok) return parsed;
  const { num_feat: features, num_conv: convolutions, upscale: scale, act_type: activation } = parsed.value;
  return ok({ features, convolutions, scale, activation });
}

/**
 * Writes Real-ESRGAN's SRVGGNetCompact (Wang et al. 2021): convolutions at the picture's own size, pixel shuffle, and the picture itself
 * enlarged to its nearest pixels added.
 *
 * Input: `image` float32 NCHW [batch, 3, height, width] in 0…1. Output: `upscaled` float32 NCHW [batch, 3, scale · height,
 * scale · width], about 0…1, not clamped. Any size.
 */
export function buildSrvggNetCompact(config: SrvggNetCompactConfig, weights: WeightSource, options: BuildOptions): Result<BuiltGraph> {
  const network = startNetwork('srvgg-net-compact', weights, options);
  const { graph } = network;
  const { features, convolutions, scale, activation } = config;
  const image = graph.input('image', 'float32', ['batch', 3, 'height', 'width']);
  // Sizes are only known at run time; nothing below depends on them.
  let x: FeatureMaps = { value: image, channels: 3, height: 1 << 20, width: 1 << 20 };
  for (let layer = 0; layer <= convolutions; layer++) {
    x = convolution(network, `body.${2 * layer}`, x, { outChannels: features, kernel: 3 });
    const path = `body.${2 * layer + 1}`;
    if (activation === 'prelu') {
      const slope = network.weights.tensor(`${path}.weight`, [features, 1, 1]);
      x = { ...x, value: graph.node('PRelu', [x.value, slope], path) };
    } else if (activation === 'leakyrelu') {
      x = { ...x, value: graph.node('LeakyRelu', [x.value], path, { attributes: { alpha: { float: 0.1 } } }) };
    } else {
      x = { ...x, value: graph.node('Relu', [x.value], path) };
    }
  }
  x = convolution(network, `body.${2 * convolutions + 2}`, x, { outChannels: 3 * scale * scale, kernel: 3 });
  const shuffled = graph.node('DepthToSpace', [x.value], 'upsampler', { attributes: { blocksize: scale, mode: 'CRD' } });
  const base = graph.node('Resize', [image, undefined, graph.float32([1, 1, scale, scale])], 'base', {
    attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
  });
  graph.output(add(graph, 'sum', shuffled, base), 'upscaled', 'float32', ['batch', 3, 'scaled_height', 'scaled_width']);
  return finishGraph(network);
}
