import type { Result } from '../../nodes/problem.ts';
import type { BuildOptions } from '../onnx/build-options.ts';
import { add, multiply } from '../onnx/operators.ts';
import type { WeightSource } from '../weights.ts';
import type { PlaneSize } from './autoencoder-kl.ts';
import type { AutoencoderTinyConfig } from './autoencoder-tiny-config.ts';
import { activate } from './blocks/activation.ts';
import { convolution } from './blocks/layers.ts';
import { type FeatureMaps, type Network, startNetwork } from './blocks/network.ts';
import { convolveEnlarged } from './blocks/resample.ts';
import { type BuiltGraph, finishGraph } from './built-graph.ts';

/** Latents are squeezed to −3…3 before decoding: 3 · tanh(x / 3). */
const LATENT_LIMIT = 3;

/**
 * Writes the encoder of diffusers' AutoencoderTiny (TAESD, Bohan 2023) for one picture size; it gives latents, not a distribution.
 *
 * Input: `sample` float32 NCHW [batch, channels, height, width] in −1…1. Output: `latents` float32 NCHW [batch, latent channels,
 * height / factor, width / factor], before the scaling factor.
 */
export function buildAutoencoderTinyEncoder(
  config: AutoencoderTinyConfig,
  weights: WeightSource,
  size: PlaneSize,
  options: BuildOptions,
): Result<BuiltGraph> {
  const network = startNetwork('autoencoder-tiny-encoder', weights, options);
  const { graph } = network;
  const sample = graph.input('sample', 'float32', ['batch', config.inChannels, size.height, size.width]);
  const shifted = add(graph, 'encoder/shifted', sample, graph.float32([1], []));
  const unit = multiply(graph, 'encoder/unit', shifted, graph.float32([0.5], []));
  let x: FeatureMaps = { value: unit, channels: config.inChannels, ...size };
  const next = countLayers('encoder');
  config.encoderBlocks.forEach((count, level) => {
    const shape = level === 0 ? {} : { stride: 2, bias: false };
    x = convolution(network, next(), x, { outChannels: config.encoderChannels, kernel: 3, ...shape });
    for (let block = 0; block < count; block++) x = residualBlock(network, next(), x, config);
  });
  x = convolution(network, next(), x, { outChannels: config.latentChannels, kernel: 3 });
  graph.output(x.value, 'latents', 'float32', ['batch', config.latentChannels, x.height, x.width]);
  return finishGraph(network);
}

/**
 * Writes the decoder of diffusers' AutoencoderTiny for one latent size.
 *
 * Input: `latent_sample` float32 NCHW [batch, latent channels, height, width], already divided by the scaling factor. Output: `sample`
 * float32 NCHW [batch, channels, factor · height, factor · width], about −1…1, not clamped.
 */
export function buildAutoencoderTinyDecoder(
  config: AutoencoderTinyConfig,
  weights: WeightSource,
  size: PlaneSize,
  options: BuildOptions,
): Result<BuiltGraph> {
  const network = startNetwork('autoencoder-tiny-decoder', weights, options);
  const { graph } = network;
  const latent = graph.input('latent_sample', 'float32', ['batch', config.latentChannels, size.height, size.width]);
  const squeezed = graph.node('Tanh', [multiply(graph, 'decoder/third', latent, graph.float32([1 / LATENT_LIMIT], []))], 'decoder/tanh');
  const value = multiply(graph, 'decoder/limited', squeezed, graph.float32([LATENT_LIMIT], []));
  let x: FeatureMaps = { value, channels: config.latentChannels, ...size };
  const next = countLayers('decoder');
  x = convolution(network, next(), x, { outChannels: config.decoderChannels, kernel: 3 });
  x = { ...x, value: activate(network, next(), x.value, config.activation) };
  config.decoderBlocks.forEach((count, level) => {
    const isLast = level === config.decoderBlocks.length - 1;
    for (let block = 0; block < count; block++) x = residualBlock(network, next(), x, config);
    if (isLast) x = convolution(network, next(), x, { outChannels: config.outChannels, kernel: 3 });
    else {
      // A layer of its own, without weights: the enlargement.
      next();
      x = convolveEnlarged(network, next(), x, { outChannels: config.decoderChannels, bias: false });
    }
  });
  const doubled = multiply(graph, 'decoder/doubled', x.value, graph.float32([2], []));
  const sample = add(graph, 'decoder/signed', doubled, graph.float32([-1], []));
  graph.output(sample, 'sample', 'float32', ['batch', config.outChannels, x.height, x.width]);
  return finishGraph(network);
}

/** AutoencoderTinyBlock: three convolutions beside what they read, then ReLU, whatever the activation between them is. */
function residualBlock(network: Network, path: string, x: FeatureMaps, { activation }: AutoencoderTinyConfig): FeatureMaps {
  const { graph } = network;
  let y = x;
  for (const layer of [0, 2, 4]) {
    if (layer > 0) y = { ...y, value: activate(network, `${path}.conv.${layer - 1}`, y.value, activation) };
    y = convolution(network, `${path}.conv.${layer}`, y, { outChannels: x.channels, kernel: 3 });
  }
  return { ...x, value: graph.node('Relu', [add(graph, `${path}/residual`, y.value, x.value)], `${path}.fuse`) };
}

/** The modules of one side in their order, which are all that names them. */
function countLayers(side: 'encoder' | 'decoder'): () => string {
  let index = 0;
  return () => `${side}.layers.${index++}`;
}
