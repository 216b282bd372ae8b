import type { Result } from '../../nodes/problem.ts';
import type { BuildOptions } from '../onnx/build-options.ts';
import type { Value } from '../onnx/graph.ts';
import { add, gather } from '../onnx/operators.ts';
import type { WeightSource } from '../weights.ts';
import { activate } from './blocks/activation.ts';
import { convolution } from './blocks/layers.ts';
import type { FeatureMaps, Network } from './blocks/network.ts';
import { type BuiltGraph, finishGraph } from './built-graph.ts';
import { type ControlNetConfig, picturePerCell } from './controlnet-config.ts';
import { goDown, type LatentSize, middleBlock, startUnet } from './unet-encoder.ts';

/** The picture as a ControlNet takes it in, and what it gives for it at every step. */
const EMBEDDING = 'controlnet_cond_embedding';

/**
 * Writes diffusers' ControlNetModel (Zhang et al. 2023) for one latent size: a copy of a U-Net's way down that a picture is added to.
 *
 * Inputs: `sample`, `timestep`, `encoder_hidden_states`, `text_embeds` and `time_ids` as for the U-Net; `controlnet_cond` float32 NCHW
 * [1 or batch, channels, height · factor, width · factor] in 0…1.
 * Outputs, float32 NCHW and not scaled by any strength: `down_0` … with the sizes of `skipShapes`, and `mid`.
 */
export function buildControlNet(
  config: ControlNetConfig,
  weights: WeightSource,
  size: LatentSize,
  options: BuildOptions,
): Result<BuiltGraph> {
  const { inChannels, down, mid } = config.unet;
  const unet = startUnet('controlnet', config.unet, weights, options);
  const { network } = unet;
  const { graph } = network;
  const value = graph.input('sample', 'float32', ['batch', inChannels, size.height, size.width]);
  const outChannels = down[0]?.channels ?? 0;
  const first = convolution(network, 'conv_in', { value, channels: inChannels, ...size }, { outChannels, kernel: 3 });
  const picture = embedPicture(network, config, size, outChannels);
  const { deepest, skips } = goDown(unet, { ...first, value: add(graph, `${EMBEDDING}/added`, first.value, picture.value) });
  const middle = mid === undefined ? deepest : middleBlock(unet, deepest, mid);
  skips.forEach((skip, index) => {
    give(network, config, skip, `controlnet_down_blocks.${index}`, downOutputName(index));
  });
  give(network, config, middle, 'controlnet_mid_block', 'mid');
  return finishGraph(network);
}

/** The output with what is added to the U-Net's maps of this number, the first convolution's being 0. */
export function downOutputName(index: number): string {
  return `down_${index}`;
}

/** ControlNetConditioningEmbedding: the picture brought down to latent size by convolutions. */
function embedPicture(network: Network, config: ControlNetConfig, size: LatentSize, outChannels: number): FeatureMaps {
  const { graph } = network;
  const channels = config.pictureChannels;
  const factor = picturePerCell(config);
  const [height, width] = [size.height * factor, size.width * factor];
  const given = graph.input('controlnet_cond', 'float32', ['pictures', channels, height, width]);
  const value = config.isBgr ? reverseChannels(network, given, channels) : given;
  const active = (path: string, x: FeatureMaps): FeatureMaps => ({ ...x, value: activate(network, `${path}/silu`, x.value, 'silu') });
  const step = (path: string, x: FeatureMaps, outChannels: number, stride: number): FeatureMaps =>
    active(path, convolution(network, path, x, { outChannels, kernel: 3, stride, padding: 1 }));
  const [firstChannels = 0, ...others] = config.embeddingChannels;
  let x = step(`${EMBEDDING}.conv_in`, { value, channels, height, width }, firstChannels, 1);
  others.forEach((next, index) => {
    x = step(`${EMBEDDING}.blocks.${2 * index}`, x, x.channels, 1);
    x = step(`${EMBEDDING}.blocks.${2 * index + 1}`, x, next, 2);
  });
  return convolution(network, `${EMBEDDING}.conv_out`, x, { outChannels, kernel: 3 });
}

function reverseChannels({ graph }: Network, picture: Value, channels: number): Value {
  const order = Array.from({ length: channels }, (_, index) => channels - 1 - index);
  return gather(graph, `${EMBEDDING}/bgr`, picture, graph.int64(order), 1);
}

/** One output: maps through a 1×1 convolution, and their mean where the network pools. */
function give(network: Network, { poolsGlobally }: ControlNetConfig, x: FeatureMaps, path: string, output: string): void {
  const { graph } = network;
  const { channels, height, width } = x;
  let { value } = convolution(network, path, x, { outChannels: channels, kernel: 1 });
  if (poolsGlobally) {
    const mean = graph.node('ReduceMean', [value, graph.int64([2, 3])], `${path}/mean`, { attributes: { keepdims: 1 } });
    value = graph.node('Expand', [mean, graph.int64([1, channels, height, width])], `${path}/spread`);
  }
  graph.output(value, output, 'float32', ['batch', channels, height, width]);
}
