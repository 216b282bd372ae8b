import type { Result } from '../../nodes/problem.ts';
import type { BuildOptions } from '../onnx/build-options.ts';
import type { Value } from '../onnx/graph.ts';
import { add, concat, multiply, reshape } from '../onnx/operators.ts';
import type { WeightSource } from '../weights.ts';
import { activate } from './blocks/activation.ts';
import { convolution, groupNorm, linear } from './blocks/layers.ts';
import { type FeatureMaps, type Network, startNetwork } from './blocks/network.ts';
import { downsample, upsample } from './blocks/resample.ts';
import { type ResnetStyle, resnetBlock, type TimeEmbedding } from './blocks/resnet.ts';
import { textTimeEmbedding } from './blocks/text-time-embedding.ts';
import { sinusoids, timestepMlp } from './blocks/timestep-embedding.ts';
import { type TextStates, transformer2d } from './blocks/transformer-2d.ts';
import { type BuiltGraph, finishGraph } from './built-graph.ts';
import type { Unet2dConditionConfig, UnetBlock } from './unet-2d-condition-config.ts';

/** The latents that a graph is built for; the batch stays open. */
export interface LatentSize {
  readonly height: number;
  readonly width: number;
}

/** What every block of one U-Net is given. */
interface UnetContext {
  readonly network: Network;
  readonly config: Unet2dConditionConfig;
  readonly style: ResnetStyle;
  readonly time: TimeEmbedding;
  /** float32 [batch, tokens, width] as attention takes it; its width is each block's own. */
  readonly text: Value;
}

/**
 * Writes diffusers' UNet2DConditionModel for one latent size.
 *
 * Inputs: `sample` float32 NCHW [batch, in channels, height, width]; `timestep` float32 [1 or batch], fractions allowed;
 * `encoder_hidden_states` float32 [batch, tokens, text width]. By the config also `timestep_cond` float32 [1 or batch, width] (LCM's
 * guidance embedding); `text_embeds` float32 [batch, width] and `time_ids` float32 [batch, ids] (SDXL); `class_labels` int32 [batch]
 * for a table, float32 [batch] for timesteps, float32 [batch, width] otherwise.
 * Output: `out_sample` float32 NCHW [batch, out channels, height, width].
 */
export function buildUnet2dCondition(
  config: Unet2dConditionConfig,
  weights: WeightSource,
  size: LatentSize,
  options: BuildOptions,
): Result<BuiltGraph> {
  const network = startNetwork('unet-2d-condition', weights, options);
  const { graph } = network;
  const sample = graph.input('sample', 'float32', ['batch', config.inChannels, size.height, size.width]);
  const states = graph.input('encoder_hidden_states', 'float32', ['batch', 'tokens', config.textWidth]);
  const style = {
    groups: config.groups,
    epsilon: config.epsilon,
    activation: config.activation,
    timeScaleShift: config.timeScaleShift,
  };
  const unet: UnetContext = {
    network,
    config,
    style,
    time: embedTime(network, config, states),
    text: projectText(network, config, states),
  };
  const centered = config.centerInputSample ? center(network, sample) : sample;
  const input = { value: centered, channels: config.inChannels, height: size.height, width: size.width };
  const [firstBlock] = config.down;
  const first = convolution(network, 'conv_in', input, { outChannels: firstBlock?.channels ?? 0, kernel: config.convInKernel });

  // ControlNet's residuals are added to these, and to what the middle block gives.
  const { deepest, skips } = goDown(unet, first);
  const middle = config.mid === undefined ? deepest : middleBlock(unet, deepest, config.mid);
  const last = goUp(unet, middle, skips);

  const normal = groupNorm(network, 'conv_norm_out', last, config.groups, config.epsilon);
  const active = { ...normal, value: activate(network, 'conv_act', normal.value, config.activation) };
  const out = convolution(network, 'conv_out', active, { outChannels: config.outChannels, kernel: config.convOutKernel });
  graph.output(out.value, 'out_sample', 'float32', ['batch', config.outChannels, size.height, size.width]);
  return finishGraph(network);
}

function center({ graph }: Network, sample: Value): Value {
  return add(
    graph,
    'center_input_sample',
    multiply(graph, 'center_input_sample/doubled', sample, graph.float32([2], [])),
    graph.float32([-1], []),
  );
}

function goDown(unet: UnetContext, first: FeatureMaps): { deepest: FeatureMaps; skips: FeatureMaps[] } {
  const { network, config } = unet;
  const skips = [first];
  let x = first;
  config.down.forEach((block, level) => {
    const path = `down_blocks.${level}`;
    for (let layer = 0; layer < block.layers; layer++) {
      x = resnetBlock(network, `${path}.resnets.${layer}`, x, block.channels, unet.style, unet.time);
      x = attendToText(unet, `${path}.attentions.${layer}`, x, block, layer);
      skips.push(x);
    }
    if (level === config.down.length - 1) return;
    x = downsample(network, `${path}.downsamplers.0`, x, config.downsamplePadding);
    skips.push(x);
  });
  return { deepest: x, skips };
}

function middleBlock(unet: UnetContext, x: FeatureMaps, block: UnetBlock & { readonly scale: number }): FeatureMaps {
  const resnet = (index: number, input: FeatureMaps): FeatureMaps =>
    resnetBlock(unet.network, `mid_block.resnets.${index}`, input, block.channels, unet.style, unet.time, block.scale);
  const first = resnet(0, x);
  return block.attentions === undefined ? first : resnet(1, attendToText(unet, 'mid_block.attentions.0', first, block, 0));
}

function goUp(unet: UnetContext, middle: FeatureMaps, skips: FeatureMaps[]): FeatureMaps {
  const { network, config } = unet;
  let x = middle;
  config.up.forEach((block, index) => {
    const path = `up_blocks.${index}`;
    for (let layer = 0; layer < block.layers; layer++) {
      const skip = skips.pop();
      if (skip === undefined) throw new Error('more blocks go up than came down');
      const joined = concat(network.graph, `${path}/joined.${layer}`, [x.value, skip.value], 1);
      const input = { ...x, value: joined, channels: x.channels + skip.channels };
      x = resnetBlock(network, `${path}.resnets.${layer}`, input, block.channels, unet.style, unet.time);
      x = attendToText(unet, `${path}.attentions.${layer}`, x, block, layer);
    }
    const next = skips.at(-1);
    // To the size of what is joined next: sizes that no power of two divides do not double.
    if (next !== undefined) x = upsample(network, `${path}.upsamplers.0`, x, next.height, next.width);
  });
  return x;
}

function attendToText({ network, config, text }: UnetContext, path: string, x: FeatureMaps, block: UnetBlock, layer: number): FeatureMaps {
  const layers = block.attentions?.[layer];
  if (layers === undefined) return x;
  const states: TextStates = { value: text, width: block.textWidth };
  const { heads, onlyCrossAttention } = block;
  const { groups, useLinearProjection } = config;
  return transformer2d(network, path, x, states, { heads, layers, groups, useLinearProjection, onlyCrossAttention });
}

/** The timestep and whatever else the config adds to it. */
function embedTime(network: Network, config: Unet2dConditionConfig, states: Value): TimeEmbedding {
  const { graph } = network;
  const { timeWidth: width, activation } = config;
  const timestep = graph.input('timestep', 'float32', ['timesteps']);
  const style = sinusoidStyle(config, config.down[0]?.channels ?? 0);
  let time = timestepMlp(network, 'time_embedding', sinusoids(network, 'time_proj', timestep, 1, style), {
    inFeatures: style.width,
    outFeatures: width,
    activation,
    postActivation: config.timePostActivation,
    condition: conditionInput(network, config),
  });
  const labels = embedClass(network, config);
  if (labels !== undefined) time = add(graph, 'class_embedding/added', time, labels);
  const extra = embedAddition(network, config, states);
  if (extra !== undefined) time = add(graph, 'add_embedding/added', time, extra);
  if (config.timeActivation !== undefined) time = activate(network, 'time_embed_act', time, config.timeActivation);
  // Every residual block applies its activation to the same embedding first.
  return { value: activate(network, 'time_embedding/nonlinearity', time, activation), width };
}

function conditionInput({ graph }: Network, { timeConditionWidth }: Unet2dConditionConfig): { value: Value; width: number } | undefined {
  if (timeConditionWidth === undefined) return undefined;
  return { value: graph.input('timestep_cond', 'float32', ['timesteps', timeConditionWidth]), width: timeConditionWidth };
}

function embedClass(network: Network, config: Unet2dConditionConfig): Value | undefined {
  const { graph, weights } = network;
  const { classEmbedding, timeWidth } = config;
  const path = 'class_embedding';
  switch (classEmbedding?.kind) {
    case undefined:
      return undefined;
    case 'table': {
      const labels = graph.input('class_labels', 'int32', ['batch']);
      return weights.lookUp(`${path}.weight`, [classEmbedding.classes, timeWidth], labels, path);
    }
    case 'timestep': {
      const style = sinusoidStyle(config, config.down[0]?.channels ?? 0);
      const labels = sinusoids(network, `${path}/time_proj`, graph.input('class_labels', 'float32', ['batch']), 1, style);
      return timestepMlp(network, path, labels, { inFeatures: style.width, outFeatures: timeWidth, activation: config.activation });
    }
    case 'identity':
      return graph.input('class_labels', 'float32', ['batch', timeWidth]);
    case 'projection': {
      const { inFeatures } = classEmbedding;
      const labels = graph.input('class_labels', 'float32', ['batch', inFeatures]);
      return timestepMlp(network, path, labels, { inFeatures, outFeatures: timeWidth, activation: 'silu' });
    }
    case 'simple_projection': {
      const { inFeatures } = classEmbedding;
      return linear(network, path, graph.input('class_labels', 'float32', ['batch', inFeatures]), { inFeatures, outFeatures: timeWidth });
    }
  }
}

function embedAddition(network: Network, config: Unet2dConditionConfig, states: Value): Value | undefined {
  const { graph } = network;
  const { addition, timeWidth, textWidth } = config;
  const path = 'add_embedding';
  switch (addition?.kind) {
    case undefined:
      return undefined;
    case 'text':
      return textTimeEmbedding(network, path, states, { textWidth, timeWidth, heads: addition.heads });
    case 'text_time': {
      const pooled = graph.input('text_embeds', 'float32', ['batch', 'text_embed_width']);
      const ids = graph.input('time_ids', 'float32', ['batch', 'ids']);
      const each = sinusoids(network, 'add_time_proj', ids, 2, sinusoidStyle(config, addition.timeIdWidth));
      const joined = concat(graph, `${path}/joined`, [pooled, reshape(graph, 'add_time_proj/row', each, [0, -1])], 1);
      return timestepMlp(network, path, joined, { inFeatures: addition.inFeatures, outFeatures: timeWidth, activation: 'silu' });
    }
  }
}

function sinusoidStyle({ flipSinToCos, freqShift }: Unet2dConditionConfig, width: number) {
  return { width, flipSinToCos, freqShift };
}

function projectText(network: Network, config: Unet2dConditionConfig, states: Value): Value {
  const outFeatures = config.projectedTextWidth;
  if (outFeatures === undefined) return states;
  return linear(network, 'encoder_hid_proj', states, { inFeatures: config.textWidth, outFeatures });
}
