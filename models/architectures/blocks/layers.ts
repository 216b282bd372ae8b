import type { Value } from '../../onnx/graph.ts';
import { add, multiply, reshape, slice, transpose } from '../../onnx/operators.ts';
import type { MatrixWeight } from '../../onnx/weight-binder.ts';
import { convolutionWeights } from './convolution-weights.ts';
import { multiplyByWeight } from './multiply-by-weight.ts';
import { type FeatureMaps, type Network, refuseNetwork } from './network.ts';
import { convolveFaster } from './winograd-convolution.ts';

/** Shape of a linear layer. */
export interface LinearShape {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Default true. */
  readonly bias?: boolean;
}

/**
 * y = x Wᵀ + b for x float32 […, in]. On the CPU one operator that reads the weights where they lie; other devices have no such operator
 * and get Transpose and MatMul.
 */
export function linear(network: Network, path: string, x: Value, { inFeatures, outFeatures, bias = true }: LinearShape): Value {
  const { graph, weights, loras } = network;
  const weight = linearWeight(network, path, inFeatures, outFeatures);
  const product = loras.addProducts(path, x, multiplyByWeight(network, path, x, weight.value, weight.transposed));
  return bias ? add(graph, `${path}/bias`, product, weights.tensor(`${path}.bias`, [outFeatures])) : product;
}

/** Rows `from` … `to` of a linear layer's result. */
export function linearRows(
  network: Network,
  path: string,
  x: Value,
  inFeatures: number,
  outFeatures: number,
  from: number,
  to: number,
): Value {
  const { graph, weights, loras } = network;
  const name = `${path}[${from}:${to}]`;
  const weight = loras.changesWeight(path)
    ? changedRows(network, path, inFeatures, outFeatures, from, to)
    : weights.rows(`${path}.weight`, [outFeatures, inFeatures], from, to);
  const bias = weights.rows(`${path}.bias`, [outFeatures], from, to);
  if (weight === undefined || bias === undefined) {
    const whole = linear(network, path, x, { inFeatures, outFeatures });
    return slice(graph, `${name}/slice`, whole, [from], [to], [-1]);
  }
  const product = loras.addProducts(path, x, multiplyByWeight(network, name, x, weight, false), [from, to]);
  return add(graph, `${name}/bias`, product, bias);
}

/** A linear layer's weights, changed where LoRAs change them. */
function linearWeight(network: Network, path: string, inFeatures: number, outFeatures: number): MatrixWeight {
  const { graph, weights, loras } = network;
  const weight = weights.matrix(`${path}.weight`, outFeatures, inFeatures);
  if (!loras.changesWeight(path)) return weight;
  const value = weight.transposed ? transpose(graph, `${path}.weight/turned`, weight.value, [1, 0]) : weight.value;
  return { value: loras.changeWeight(path, value, [outFeatures, inFeatures]), transposed: false };
}

function changedRows(network: Network, path: string, inFeatures: number, outFeatures: number, from: number, to: number): Value {
  const { graph } = network;
  const { value } = linearWeight(network, path, inFeatures, outFeatures);
  return slice(graph, `${path}.weight[${from}:${to}]`, value, [from], [to], [0]);
}

/** Shape of a convolution with a square kernel. */
export interface ConvolutionShape {
  readonly outChannels: number;
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Zeros on every side; default: as many as keep the size. */
  readonly padding?: number;
  /** Zeros at top, left, bottom and right instead. */
  readonly pads?: readonly [number, number, number, number];
  /** Default true. */
  readonly bias?: boolean;
}

/** A convolution, with bias as a rule. */
export function convolution(network: Network, path: string, x: FeatureMaps, shape: ConvolutionShape): FeatureMaps {
  const { outChannels, kernel, stride = 1, padding = (kernel - 1) >> 1 } = shape;
  const pads = shape.pads ?? [padding, padding, padding, padding];
  const weights = convolutionWeights(network, path, [outChannels, x.channels, kernel, kernel], shape.bias !== false);
  const keepsSize = kernel === 3 && stride === 1 && pads.every((side) => side === 1);
  const own =
    (keepsSize ? convolveFaster(network, path, x, weights) : undefined) ??
    network.graph.node('Conv', [x.value, weights.kernels(), ...weights.offsets([outChannels])], path, {
      attributes: { kernel_shape: [kernel, kernel], pads, strides: [stride, stride] },
    });
  const value = network.loras.addConvolutions(path, x.value, own, { kernel, pads, stride });
  const height = Math.floor((x.height + pads[0] + pads[2] - kernel) / stride) + 1;
  const width = Math.floor((x.width + pads[1] + pads[3] - kernel) / stride) + 1;
  if (height < 1 || width < 1) refuseNetwork(network, `${path} would make a picture of ${width}×${height} cells. Choose a larger picture.`);
  return { value, channels: outChannels, height, width };
}

/** Numbers of a picture up to which one pass on one thread is faster than two on all. */
const SCALED_AT_ONCE = 2 ** 16;

/**
 * Group normalisation (Wu and He 2018) over groups of neighbouring channels, with a factor and an offset a channel. Written by way of
 * InstanceNormalization, which every device has; GroupNormalization is taken apart into slower pieces.
 */
export function groupNorm(network: Network, path: string, x: FeatureMaps, groups: number, epsilon: number): FeatureMaps {
  const { graph, weights, device } = network;
  const { channels, height, width } = x;
  if (channels % groups !== 0) {
    refuseNetwork(network, `${path} has ${channels} channels, which "norm_num_groups": ${groups} does not divide. Correct the config.`);
  }
  const ones = graph.float32(new Float32Array(groups).fill(1));
  const zeros = graph.float32(new Float32Array(groups));
  const grouped = reshape(graph, `${path}/groups`, x.value, [0, groups, -1]);
  const normal = graph.node('InstanceNormalization', [grouped, ones, zeros], `${path}/normal`, {
    attributes: { epsilon: { float: epsilon } },
  });
  const maps = reshape(graph, `${path}/channels`, normal, [0, channels, height, width]);
  if (device === 'cpu' && channels * height * width <= SCALED_AT_ONCE) {
    // With mean 0 and variance 1 this is a factor and an offset in one pass, on one thread.
    const stated = [weights.tensor(`${path}.weight`, [channels]), weights.tensor(`${path}.bias`, [channels])];
    const [none, one] = [graph.float32(new Float32Array(channels)), graph.float32(new Float32Array(channels).fill(1))];
    const value = graph.node('BatchNormalization', [maps, ...stated, none, one], path, { attributes: { epsilon: { float: 0 } } });
    return { ...x, value };
  }
  const scaled = multiply(graph, `${path}/scaled`, maps, weights.tensor(`${path}.weight`, [channels, 1, 1]));
  return { ...x, value: add(graph, path, scaled, weights.tensor(`${path}.bias`, [channels, 1, 1])) };
}

/** Layer normalisation (Ba et al. 2016) over the last axis, of `width` numbers. */
export function layerNorm({ graph, weights }: Network, path: string, x: Value, width: number, epsilon: number): Value {
  return graph.node('LayerNormalization', [x, weights.tensor(`${path}.weight`, [width]), weights.tensor(`${path}.bias`, [width])], path, {
    attributes: { axis: -1, epsilon: { float: epsilon } },
  });
}
