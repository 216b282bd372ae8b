import type { Result } from '../../nodes/problem.ts';
import type { BuildOptions } from '../onnx/build-options.ts';
import { add, multiply, reshape, split, transpose } from '../onnx/operators.ts';
import type { WeightSource } from '../weights.ts';
import type { AutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { activate } from './blocks/activation.ts';
import { attend } from './blocks/attention.ts';
import { convolution, groupNorm, linear } from './blocks/layers.ts';
import { type FeatureMaps, type Network, startNetwork } from './blocks/network.ts';
import { downsample, upsample } from './blocks/resample.ts';
import { type ResnetStyle, resnetBlock } from './blocks/resnet.ts';
import { type BuiltGraph, finishGraph } from './built-graph.ts';

/** diffusers gives every norm of the autoencoder this. */
const EPSILON = 1e-6;

/** The attention's projections before diffusers 0.17 renamed them; Stable Diffusion 1.5's own folder still has these names. */
const FORMER_NAMES: readonly (readonly [string, string])[] = [
  ['.to_q.', '.query.'],
  ['.to_k.', '.key.'],
  ['.to_v.', '.value.'],
  ['.to_out.0.', '.proj_attn.'],
];

/** A picture's or latent's size. */
export interface PlaneSize {
  readonly height: number;
  readonly width: number;
}

/**
 * Writes an AutoencoderKL's encoder for one picture size.
 *
 * Input: `sample` float32 NCHW [batch, channels, height, width] in −1…1. Outputs: `mean` and `std` of the latents' normal
 * distribution, float32 NCHW [batch, latent channels, height / factor, width / factor], before the scaling factor.
 */
export function buildAutoencoderKlEncoder(
  config: AutoencoderKlConfig,
  weights: WeightSource,
  size: PlaneSize,
  options: BuildOptions,
): Result<BuiltGraph> {
  const network = startNetwork('autoencoder-kl-encoder', weights, options, spellings);
  const { graph } = network;
  const value = graph.input('sample', 'float32', ['batch', config.inChannels, size.height, size.width]);
  const [first = 0] = config.blockChannels;
  let x: FeatureMaps = { value, channels: config.inChannels, ...size };
  x = convolution(network, 'encoder.conv_in', x, { outChannels: first, kernel: 3 });
  config.blockChannels.forEach((channels, level) => {
    const path = `encoder.down_blocks.${level}`;
    for (let layer = 0; layer < config.layersPerBlock; layer++) {
      x = resnetBlock(network, `${path}.resnets.${layer}`, x, channels, resnetStyle(config));
    }
    if (level < config.blockChannels.length - 1) x = downsample(network, `${path}.downsamplers.0`, x, 0);
  });
  x = middleBlock(network, 'encoder.mid_block', x, config);
  x = outward(network, 'encoder', x, config, 2 * config.latentChannels);
  if (config.hasQuantConv) x = convolution(network, 'quant_conv', x, { outChannels: x.channels, kernel: 1 });
  const [mean, logVariance] = split(graph, 'posterior', x.value, 2, 1);
  if (mean === undefined || logVariance === undefined) throw new Error('a split in two has two parts');
  const clamped = graph.node('Clip', [logVariance, graph.float32([-30], []), graph.float32([20], [])], 'posterior/logvar');
  const std = graph.node('Exp', [multiply(graph, 'posterior/half', clamped, graph.float32([0.5], []))], 'posterior/std');
  const shape = ['batch', config.latentChannels, x.height, x.width];
  graph.output(mean, 'mean', 'float32', shape);
  graph.output(std, 'std', 'float32', shape);
  return finishGraph(network);
}

/**
 * Writes an AutoencoderKL's decoder for one latent size.
 *
 * Input: `latent_sample` float32 NCHW [batch, latent channels, height, width], already divided by the scaling factor. Output: `sample`
 * float32 NCHW [batch, channels, factor · height, factor · width], about −1…1, not clamped.
 */
export function buildAutoencoderKlDecoder(
  config: AutoencoderKlConfig,
  weights: WeightSource,
  size: PlaneSize,
  options: BuildOptions,
): Result<BuiltGraph> {
  const network = startNetwork('autoencoder-kl-decoder', weights, options, spellings);
  const { graph } = network;
  const value = graph.input('latent_sample', 'float32', ['batch', config.latentChannels, size.height, size.width]);
  const deepest = config.blockChannels.at(-1) ?? 0;
  let x: FeatureMaps = { value, channels: config.latentChannels, ...size };
  if (config.hasPostQuantConv) x = convolution(network, 'post_quant_conv', x, { outChannels: x.channels, kernel: 1 });
  x = convolution(network, 'decoder.conv_in', x, { outChannels: deepest, kernel: 3 });
  x = middleBlock(network, 'decoder.mid_block', x, config);
  [...config.blockChannels].reverse().forEach((channels, index) => {
    const path = `decoder.up_blocks.${index}`;
    for (let layer = 0; layer <= config.layersPerBlock; layer++) {
      x = resnetBlock(network, `${path}.resnets.${layer}`, x, channels, resnetStyle(config));
    }
    if (index < config.blockChannels.length - 1) x = upsample(network, `${path}.upsamplers.0`, x);
  });
  x = outward(network, 'decoder', x, config, config.outChannels);
  graph.output(x.value, 'sample', 'float32', ['batch', config.outChannels, x.height, x.width]);
  return finishGraph(network);
}

function resnetStyle({ groups, activation }: AutoencoderKlConfig): ResnetStyle {
  return { groups, epsilon: EPSILON, activation, timeScaleShift: 'default' };
}

function middleBlock(network: Network, path: string, x: FeatureMaps, config: AutoencoderKlConfig): FeatureMaps {
  const style = resnetStyle(config);
  const first = resnetBlock(network, `${path}.resnets.0`, x, x.channels, style);
  const attended = config.hasMidAttention ? pictureAttention(network, `${path}.attentions.0`, first, config.groups) : first;
  return resnetBlock(network, `${path}.resnets.1`, attended, x.channels, style);
}

/** Attention of every cell to every other, with one head as wide as there are channels, added to what it reads. */
function pictureAttention(network: Network, path: string, x: FeatureMaps, groups: number): FeatureMaps {
  const { graph } = network;
  const { channels, height, width } = x;
  const square = { inFeatures: channels, outFeatures: channels };
  const normal = groupNorm(network, `${path}.group_norm`, x, groups, EPSILON);
  const tokens = transpose(graph, `${path}/tokens`, reshape(graph, `${path}/rows`, normal.value, [0, channels, -1]), [0, 2, 1]);
  const mixed = attend(network, path, {
    query: linear(network, `${path}.to_q`, tokens, square),
    key: linear(network, `${path}.to_k`, tokens, square),
    value: linear(network, `${path}.to_v`, tokens, square),
    heads: 1,
    headWidth: channels,
    scores: { queries: height * width, keys: height * width },
  });
  const projected = linear(network, `${path}.to_out.0`, mixed, square);
  const maps = reshape(graph, `${path}/maps`, transpose(graph, `${path}/columns`, projected, [0, 2, 1]), [0, channels, height, width]);
  return { ...x, value: add(graph, `${path}/residual`, maps, x.value) };
}

function outward(network: Network, path: string, x: FeatureMaps, config: AutoencoderKlConfig, outChannels: number): FeatureMaps {
  const normal = groupNorm(network, `${path}.conv_norm_out`, x, config.groups, EPSILON);
  // SiLU whatever "act_fn" says, as in diffusers.
  const active = { ...normal, value: activate(network, `${path}.conv_act`, normal.value, 'silu') };
  return convolution(network, `${path}.conv_out`, active, { outChannels, kernel: 3 });
}

function spellings(name: string): string[] {
  const renamed = FORMER_NAMES.find(([now]) => name.includes(now));
  return renamed === undefined ? [name] : [name, name.replace(...renamed)];
}
