import type { Result } from '../../nodes/problem.ts';
import type { BuildOptions } from '../onnx/build-options.ts';
import { add, reshape, transpose } from '../onnx/operators.ts';
import type { WeightSource } from '../weights.ts';
import { activate } from './blocks/activation.ts';
import { convolution } from './blocks/layers.ts';
import { type FeatureMaps, type Network, startNetwork } from './blocks/network.ts';
import { type BuiltGraph, finishGraph } from './built-graph.ts';
import { type AdapterLevel, adapterFactor, adapterShapes, type T2iAdapterConfig } from './t2i-adapter-config.ts';
import type { LatentSize } from './unet-encoder.ts';

/**
 * Writes diffusers' T2IAdapter (Mou et al. 2023) for one latent size: full, for SDXL, or light.
 *
 * Input: `picture` float32 NCHW [batch, channels, height · factor, width · factor] in 0…1.
 * Outputs: `feature_0` … float32 NCHW with the sizes of `adapterShapes`.
 */
export function buildT2iAdapter(
  config: T2iAdapterConfig,
  weights: WeightSource,
  size: LatentSize,
  options: BuildOptions,
): Result<BuiltGraph> {
  const network = startNetwork('t2i-adapter', weights, options);
  const factor = adapterFactor(config);
  let x = unshuffle(network, config, size.height * factor, size.width * factor);
  const [first] = config.levels;
  if (config.kind !== 'light_adapter') x = convolution(network, 'adapter.conv_in', x, { outChannels: first?.inChannels ?? 0, kernel: 3 });
  const shapes = adapterShapes(config, size);
  config.levels.forEach((level, index) => {
    const path = `adapter.body.${index}`;
    const { height = 0, width = 0 } = shapes[index] ?? {};
    if (level.halves) x = { ...x, value: averagePairs(network, `${path}.downsample`, x), height, width };
    x = config.kind === 'light_adapter' ? lightBody(network, config, path, x, level) : fullBody(network, config, path, x, level);
    network.graph.output(x.value, featureName(index), 'float32', ['batch', x.channels, height, width]);
  });
  return finishGraph(network);
}

/** The output with the features of this number, the shallowest being 0. */
export function featureName(index: number): string {
  return `feature_${index}`;
}

/** torch's PixelUnshuffle: every square of pixels becomes one cell; channels stay together, then rows, then columns. */
function unshuffle({ graph }: Network, { pictureChannels, patch }: T2iAdapterConfig, heightPx: number, widthPx: number): FeatureMaps {
  const [height, width] = [heightPx / patch, widthPx / patch];
  const picture = graph.input('picture', 'float32', ['batch', pictureChannels, heightPx, widthPx]);
  // Batch and channels as one axis, since an open batch leaves room for one −1 alone.
  const cut = reshape(graph, 'unshuffle/cut', picture, [-1, height, patch, width, patch]);
  const gathered = transpose(graph, 'unshuffle/gathered', cut, [0, 2, 4, 1, 3]);
  const channels = pictureChannels * patch ** 2;
  return { value: reshape(graph, 'unshuffle', gathered, [-1, channels, height, width]), channels, height, width };
}

function averagePairs({ graph }: Network, path: string, { value }: FeatureMaps) {
  return graph.node('AveragePool', [value], path, { attributes: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 } });
}

function fullBody(network: Network, { residualBlocks }: T2iAdapterConfig, path: string, x: FeatureMaps, level: AdapterLevel): FeatureMaps {
  const outChannels = level.outChannels;
  let y = level.inChannels === outChannels ? x : convolution(network, `${path}.in_conv`, x, { outChannels, kernel: 1 });
  for (let index = 0; index < residualBlocks; index++) y = residual(network, `${path}.resnets.${index}`, y, 1);
  return y;
}

function lightBody(network: Network, { residualBlocks }: T2iAdapterConfig, path: string, x: FeatureMaps, level: AdapterLevel): FeatureMaps {
  let y = convolution(network, `${path}.in_conv`, x, { outChannels: Math.floor(level.outChannels / 4), kernel: 1 });
  for (let index = 0; index < residualBlocks; index++) y = residual(network, `${path}.resnets.${index}`, y, 3);
  return convolution(network, `${path}.out_conv`, y, { outChannels: level.outChannels, kernel: 1 });
}

/** AdapterResnetBlock: two convolutions with ReLU between them, beside what they read. */
function residual(network: Network, path: string, x: FeatureMaps, lastKernel: 1 | 3): FeatureMaps {
  const inner = convolution(network, `${path}.block1`, x, { outChannels: x.channels, kernel: 3 });
  const active = { ...inner, value: activate(network, `${path}.act`, inner.value, 'relu') };
  const last = convolution(network, `${path}.block2`, active, { outChannels: x.channels, kernel: lastKernel });
  return { ...last, value: add(network.graph, path, last.value, x.value) };
}
