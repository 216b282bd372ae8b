import type { BuildOptions } from '../onnx/build-options.ts';
import type { Value } from '../onnx/graph.ts';
import type { WeightSource } from '../weights.ts';
import { linear } from './blocks/layers.ts';
import { type FeatureMaps, type Network, startNetwork } from './blocks/network.ts';
import { downsample } from './blocks/resample.ts';
import { type ResnetStyle, resnetBlock, type TimeEmbedding } from './blocks/resnet.ts';
import { type AttentionPlace, type AttentionRewrite, type TextStates, transformer2d } from './blocks/transformer-2d.ts';
import type { Unet2dConditionConfig, UnetBlock } from './unet-2d-condition-config.ts';
import { embedTime, type Timesteps } from './unet-time-embedding.ts';

/** The latents that a graph is built for; the batch stays open. */
export interface LatentSize {
  readonly height: number;
  readonly width: number;
}

/** What every block of one U-Net is given. */
export interface UnetContext {
  readonly network: Network;
  readonly config: Unet2dConditionConfig;
  readonly style: ResnetStyle;
  readonly time: TimeEmbedding;
  /** float32 [batch, tokens, width] as attention takes it; its width is each block's own. */
  readonly text: Value;
  /** What is done to its attention. */
  readonly rewrite?: AttentionRewrite;
}

/** Begins a network with a U-Net's inputs for text and time; `name` is the graph's. */
export function startUnet(
  name: string,
  config: Unet2dConditionConfig,
  source: WeightSource,
  options: BuildOptions,
  timesteps: Timesteps = 'one or each',
): UnetContext {
  const network = startNetwork(name, source, options);
  const states = network.graph.input('encoder_hidden_states', 'float32', ['batch', 'tokens', config.textWidth]);
  const { groups, epsilon, activation, timeScaleShift } = config;
  return {
    network,
    config,
    style: { groups, epsilon, activation, timeScaleShift },
    time: embedTime(network, config, states, timesteps),
    text: projectText(network, config, states),
  };
}

/**
 * The way down: what the middle block gets, and what goes over to the way up, the first convolution's maps first. `finish` is given the
 * last maps of each level where T2I-Adapters add to them: in levels with attention before they are halved, in others after.
 */
export function goDown(
  unet: UnetContext,
  first: FeatureMaps,
  finish: (level: number, x: FeatureMaps) => FeatureMaps = (_level, x) => x,
): { deepest: FeatureMaps; skips: FeatureMaps[] } {
  const { network, config } = unet;
  const skips = [first];
  let x = first;
  config.down.forEach((block, level) => {
    const path = `down_blocks.${level}`;
    const isHalved = level < config.down.length - 1;
    const finishesHalved = isHalved && block.attentions === undefined;
    for (let layer = 0; layer < block.layers; layer++) {
      x = resnetBlock(network, `${path}.resnets.${layer}`, x, block.channels, unet.style, unet.time);
      x = attendToText(unet, `${path}.attentions.${layer}`, x, block, layer);
      if (layer === block.layers - 1 && !finishesHalved) x = finish(level, x);
      skips.push(x);
    }
    if (!isHalved) return;
    x = downsample(network, `${path}.downsamplers.0`, x, config.downsamplePadding);
    if (finishesHalved) x = finish(level, x);
    skips.push(x);
  });
  return { deepest: x, skips };
}

/** The size of the maps that T2I-Adapters add to: one for each level, and the middle block's. */
export function featureShapes(config: Unet2dConditionConfig, size: LatentSize): SkipShape[] {
  const skips = skipShapes(config, size);
  const { down } = config;
  let first = 1;
  const places = down.map(({ layers, attentions }, level) => {
    const isHalved = level < down.length - 1;
    const last = first + layers - 1;
    first += layers + (isHalved ? 1 : 0);
    return isHalved && attentions === undefined ? last + 1 : last;
  });
  return [...places, skips.length - 1].flatMap((place) => skips[place] ?? []);
}

/** The size of each of those maps for a latent size. */
export function skipShapes(config: Unet2dConditionConfig, size: LatentSize): SkipShape[] {
  const levels = levelSizes(config, size);
  const [first] = levels;
  const shapes: SkipShape[] = first === undefined ? [] : [{ channels: config.down[0]?.channels ?? 0, ...first }];
  levels.forEach((cells, level) => {
    const { channels = 0, layers = 0 } = config.down[level] ?? {};
    for (let layer = 0; layer < layers; layer++) shapes.push({ channels, ...cells });
    const next = levels[level + 1];
    if (next !== undefined) shapes.push({ channels, ...next });
  });
  return shapes;
}

/** The size of the feature maps at each level. */
function levelSizes({ down, downsamplePadding }: Unet2dConditionConfig, size: LatentSize): LatentSize[] {
  // Padding 0 stands for one row and one column at the far sides only.
  const halve = (length: number): number => Math.floor((length + (downsamplePadding === 0 ? 1 : 2 * downsamplePadding) - 3) / 2) + 1;
  let { height, width } = size;
  return down.map((_, level) => {
    if (level > 0) [height, width] = [halve(height), halve(width)];
    return { height, width };
  });
}

/** Sizes of feature maps without their batch. */
export interface SkipShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** The middle block, between the way down and the way up. */
export function middleBlock(unet: UnetContext, x: FeatureMaps, block: UnetBlock & { readonly scale: number }): FeatureMaps {
  const resnet = (index: number, input: FeatureMaps): FeatureMaps =>
    resnetBlock(unet.network, `mid_block.resnets.${index}`, input, block.channels, unet.style, unet.time, block.scale);
  const first = resnet(0, x);
  return block.attentions === undefined ? first : resnet(1, attendToText(unet, 'mid_block.attentions.0', first, block, 0));
}

/** Attention to the text after a residual block, where the block has it. */
export function attendToText(
  { network, config, text, rewrite }: UnetContext,
  path: string,
  x: FeatureMaps,
  block: UnetBlock,
  layer: number,
): FeatureMaps {
  const layers = block.attentions?.[layer];
  if (layers === undefined) return x;
  const states: TextStates = { value: text, width: block.textWidth };
  const { heads, onlyCrossAttention } = block;
  const { groups, useLinearProjection } = config;
  return transformer2d(network, path, x, states, { heads, layers, groups, useLinearProjection, onlyCrossAttention }, rewrite);
}

/** Every attention to the text that a U-Net has for a latent size, in the order in which they run. */
export function textAttentions(config: Unet2dConditionConfig, size: LatentSize): AttentionPlace[] {
  const levels = levelSizes(config, size);
  const inBlock = (path: string, block: UnetBlock, cells: LatentSize = size): AttentionPlace[] =>
    (block.attentions ?? [])
      .slice(0, block.layers)
      .flatMap((layers, index) =>
        Array.from({ length: layers }, (_, layer) => `${path}.attentions.${index}.transformer_blocks.${layer}`).flatMap((at) =>
          (block.onlyCrossAttention ? ['attn1', 'attn2'] : ['attn2']).map((name) => ({ name: `${at}.${name}`, ...cells })),
        ),
      );
  const { down, mid, up } = config;
  return [
    ...down.flatMap((block, level) => inBlock(`down_blocks.${level}`, block, levels[level])),
    ...(mid === undefined ? [] : inBlock('mid_block', mid, levels.at(-1))),
    ...up.flatMap((block, index) => inBlock(`up_blocks.${index}`, block, levels[down.length - 1 - index])),
  ];
}

function projectText(network: Network, config: Unet2dConditionConfig, states: Value): Value {
  const outFeatures = config.projectedTextWidth;
  if (outFeatures === undefined) return states;
  return linear(network, 'encoder_hid_proj', states, { inFeatures: config.textWidth, outFeatures });
}
