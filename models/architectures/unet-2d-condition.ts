import type { Result } from '../../nodes/problem.ts';
import type { BuildOptions } from '../onnx/build-options.ts';
import type { Value } from '../onnx/graph.ts';
import { add, concat, multiply } from '../onnx/operators.ts';
import type { WeightSource } from '../weights.ts';
import { activate } from './blocks/activation.ts';
import { convolution, groupNorm } from './blocks/layers.ts';
import type { FeatureMaps, Network } from './blocks/network.ts';
import { upsample } from './blocks/resample.ts';
import { resnetBlock } from './blocks/resnet.ts';
import { type BuiltGraph, finishGraph } from './built-graph.ts';
import type { Unet2dConditionConfig } from './unet-2d-condition-config.ts';
import { type AttentionExtras, rewriteAttention } from './unet-attention.ts';
import { attendToText, goDown, type LatentSize, middleBlock, startUnet, textAttentions, type UnetContext } from './unet-encoder.ts';
import { addImagePrompts, type ImagePromptUse, imagePromptPlaces } from './unet-image-prompts.ts';

/** What a U-Net's graph has beside the network itself. */
export interface UnetExtras {
  /** Inputs for the residuals of ControlNets. */
  readonly residuals?: boolean;
  /** Inputs for the features of T2I-Adapters. */
  readonly features?: boolean;
  /** Outputs and inputs of its attention. */
  readonly attention?: AttentionExtras;
  /** IP-Adapters in it. */
  readonly imagePrompts?: readonly ImagePromptUse[];
  /** What depends on the texts alone becomes a graph of its own, to be run once for many steps. There is one timestep for all rows. */
  readonly textsFirst?: boolean;
}

/** Inputs that stay the same from step to step. */
const STEADY = ['encoder_hidden_states', 'text_embeds', 'time_ids'];

/**
 * Writes diffusers' UNet2DConditionModel for one latent size.
 *
 * Inputs: `sample` float32 NCHW [batch, in channels, height, width]; `timestep` float32 [1 or batch], fractions allowed;
 * `encoder_hidden_states` float32 [batch, tokens, text width]. By the config also `timestep_cond` float32 [1 or batch, width] (LCM's
 * guidance embedding); `text_embeds` float32 [batch, width] and `time_ids` float32 [batch, ids] (SDXL); `class_labels` int32 [batch]
 * for a table, float32 [batch] for timesteps, float32 [batch, width] otherwise.
 * With `residuals` also what ControlNets add, float32 NCHW: `down_block_additional_residual_0` … to the maps that go over to the way
 * up (their sizes: `skipShapes`), and `mid_block_additional_residual` to what the middle block gives. With `features` what T2I-Adapters
 * add: `down_intrablock_additional_residual_0` … to what each level gives, and one more to the middle block's (`featureShapes`).
 * With `attention` also the inputs and outputs of unet-attention.ts, with `imagePrompts` the inputs of unet-image-prompts.ts.
 * Output: `out_sample` float32 NCHW [batch, out channels, height, width].
 */
export function buildUnet2dCondition(
  config: Unet2dConditionConfig,
  weights: WeightSource,
  size: LatentSize,
  options: BuildOptions,
  { residuals = false, features = false, attention, imagePrompts = [], textsFirst = false }: UnetExtras = {},
): Result<BuiltGraph> {
  const started = startUnet('unet-2d-condition', config, weights, options, textsFirst ? 'one' : 'one or each');
  const { network } = started;
  const isRewritten = attention !== undefined || imagePrompts.length > 0;
  const rewrite = isRewritten ? rewriteAttention(network, attention ?? { maps: [] }) : undefined;
  const places = imagePromptPlaces(textAttentions(config, size));
  const addToText = imagePrompts.length === 0 ? {} : { addToText: addImagePrompts(network, places, imagePrompts) };
  const unet: UnetContext = rewrite === undefined ? started : { ...started, rewrite: { ...rewrite, ...addToText } };
  const { graph } = network;
  const sample = graph.input('sample', 'float32', ['batch', config.inChannels, size.height, size.width]);
  const centered = config.centerInputSample ? center(network, sample) : sample;
  const input = { value: centered, channels: config.inChannels, height: size.height, width: size.width };
  const [firstBlock] = config.down;
  const first = convolution(network, 'conv_in', input, { outChannels: firstBlock?.channels ?? 0, kernel: config.convInKernel });

  const adapt = (level: number, x: FeatureMaps): FeatureMaps => (features ? addResidual(network, featureInputName(level), x) : x);
  const { deepest, skips } = goDown(unet, first, adapt);
  const middle = adapt(config.down.length, config.mid === undefined ? deepest : middleBlock(unet, deepest, config.mid));
  const last = residuals
    ? goUp(
        unet,
        addResidual(network, 'mid_block_additional_residual', middle),
        skips.map((skip, index) => addResidual(network, downResidualName(index), skip)),
      )
    : goUp(unet, middle, skips);

  const normal = groupNorm(network, 'conv_norm_out', last, config.groups, config.epsilon);
  const active = { ...normal, value: activate(network, 'conv_act', normal.value, config.activation) };
  const out = convolution(network, 'conv_out', active, { outChannels: config.outChannels, kernel: config.convOutKernel });
  graph.output(out.value, 'out_sample', 'float32', ['batch', config.outChannels, size.height, size.width]);
  return finishGraph(network, textsFirst ? STEADY : []);
}

/** The input that is added to the maps with this number, the first convolution's being 0. */
export function downResidualName(index: number): string {
  return `down_block_additional_residual_${index}`;
}

/** The input with what T2I-Adapters add to what the level of this number gives; the number after the last: to the middle block's. */
export function featureInputName(level: number): string {
  return `down_intrablock_additional_residual_${level}`;
}

function addResidual({ graph }: Network, name: string, x: FeatureMaps): FeatureMaps {
  const residual = graph.input(name, 'float32', ['batch', x.channels, x.height, x.width]);
  return { ...x, value: add(graph, `${name}/added`, x.value, residual) };
}

function center({ graph }: Network, sample: Value): Value {
  return add(
    graph,
    'center_input_sample',
    multiply(graph, 'center_input_sample/doubled', sample, graph.float32([2], [])),
    graph.float32([-1], []),
  );
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
