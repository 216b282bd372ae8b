import type { Value } from '../../onnx/graph.ts';
import { add, multiply, split, unsqueeze } from '../../onnx/operators.ts';
import { type Activation, activate } from './activation.ts';
import { convolution, groupNorm, linear } from './layers.ts';
import type { FeatureMaps, Network } from './network.ts';

/** What the residual blocks of one network have in common. */
export interface ResnetStyle {
  readonly groups: number;
  readonly epsilon: number;
  readonly activation: Activation;
  /** `scale_shift`: the time embedding scales and shifts the second normalisation instead of being added before it. */
  readonly timeScaleShift: 'default' | 'scale_shift';
}

/** The time embedding as residual blocks take it. */
export interface TimeEmbedding {
  /** float32 [batch or 1, width], already activated. */
  readonly value: Value;
  readonly width: number;
}

/**
 * ResnetBlock2D: two normalised, activated 3×3 convolutions beside a shortcut, with the time embedding between them where there is one.
 * The sum is divided by `outputScale`.
 */
export function resnetBlock(
  network: Network,
  path: string,
  x: FeatureMaps,
  outChannels: number,
  style: ResnetStyle,
  time?: TimeEmbedding,
  outputScale = 1,
): FeatureMaps {
  const { graph } = network;
  const normal = groupNorm(network, `${path}.norm1`, x, style.groups, style.epsilon);
  const active = { ...normal, value: activate(network, `${path}.nonlinearity`, normal.value, style.activation) };
  let inner = convolution(network, `${path}.conv1`, active, { outChannels, kernel: 3 });
  const shifts = time === undefined ? [] : projectTime(network, `${path}.time_emb_proj`, time, outChannels, style);
  const [shift, scale] = shifts;
  if (shift !== undefined && scale === undefined) inner = { ...inner, value: add(graph, `${path}/time`, inner.value, shift) };
  inner = groupNorm(network, `${path}.norm2`, inner, style.groups, style.epsilon);
  if (shift !== undefined && scale !== undefined) {
    const scaled = multiply(graph, `${path}/time/scaled`, inner.value, scale);
    inner = { ...inner, value: add(graph, `${path}/time`, scaled, shift) };
  }
  inner = { ...inner, value: activate(network, `${path}.nonlinearity`, inner.value, style.activation) };
  inner = convolution(network, `${path}.conv2`, inner, { outChannels, kernel: 3 });
  const shortcut = x.channels === outChannels ? x : convolution(network, `${path}.conv_shortcut`, x, { outChannels, kernel: 1 });
  const sum = add(graph, path, shortcut.value, inner.value);
  if (outputScale === 1) return { ...inner, value: sum };
  return { ...inner, value: multiply(graph, `${path}/scaled`, sum, graph.float32([1 / outputScale], [])) };
}

/** The offset a channel, or offset and factor: float32 [batch or 1, channels, 1, 1]. */
function projectTime(network: Network, path: string, time: TimeEmbedding, channels: number, style: ResnetStyle): Value[] {
  const { graph } = network;
  const parts = style.timeScaleShift === 'scale_shift' ? 2 : 1;
  const projected = linear(network, path, time.value, { inFeatures: time.width, outFeatures: parts * channels });
  const maps = unsqueeze(graph, `${path}/maps`, projected, [2, 3]);
  if (parts === 1) return [maps];
  const [scale, shift] = split(graph, `${path}/parts`, maps, 2, 1);
  if (scale === undefined || shift === undefined) throw new Error('a split in two has two parts');
  return [shift, add(graph, `${path}/factor`, scale, graph.float32([1], []))];
}
