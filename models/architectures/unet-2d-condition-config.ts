import { z } from 'zod';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { type Activation, DIFFUSERS_ACTIVATIONS } from './blocks/activation.ts';
import { depth, depthOrNone, divisor, epsilon, factor, MAX_LEVELS, oneOf, parseConfig, refuseConfig, size } from './parse-config.ts';

const WHAT = 'U-Net';

/** SDXL has 70; a wrong config must not fill the memory before its weights are found missing. */
const MAX_TRANSFORMER_LAYERS = 2000;

/** A size, or undefined where the config has null or nothing. */
const optionalSize = size.nullish().transform((value) => value ?? undefined);

const activation = z.enum(DIFFUSERS_ACTIVATIONS);
const transformerLayers = z.union([depthOrNone, z.array(depthOrNone)]);

/** The keys of diffusers' UNet2DConditionModel that matter here, with its defaults; others do nothing in the blocks that are supported. */
const schema = z.object({
  in_channels: size.default(4),
  out_channels: size.default(4),
  center_input_sample: z.boolean().default(false),
  flip_sin_to_cos: z.boolean().default(true),
  freq_shift: factor.default(0),
  down_block_types: z
    .array(oneOf(['CrossAttnDownBlock2D', 'DownBlock2D', 'UNetResCrossAttnDownBlock2D', 'UNetResDownBlock2D']))
    .min(1)
    .default(['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D']),
  mid_block_type: oneOf(['UNetMidBlock2DCrossAttn', 'UNetMidBlock2D', null]).default('UNetMidBlock2DCrossAttn'),
  up_block_types: z
    .array(oneOf(['CrossAttnUpBlock2D', 'UpBlock2D', 'UNetResCrossAttnUpBlock2D', 'UNetResUpBlock2D']))
    .min(1)
    .default(['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D']),
  only_cross_attention: z.union([z.boolean(), z.array(z.boolean())]).default(false),
  block_out_channels: z.array(size).min(1).max(MAX_LEVELS).default([320, 640, 1280, 1280]),
  layers_per_block: z.union([depth, z.array(depth)]).default(2),
  downsample_padding: oneOf([0, 1]).default(1),
  mid_block_scale_factor: divisor.default(1),
  act_fn: activation.default('silu'),
  norm_num_groups: size.default(32),
  norm_eps: epsilon.default(1e-5),
  cross_attention_dim: z.union([size, z.array(size)]).default(1280),
  transformer_layers_per_block: z.union([depthOrNone, z.array(transformerLayers)]).default(1),
  reverse_transformer_layers_per_block: z.array(transformerLayers).nullish(),
  encoder_hid_dim: optionalSize,
  encoder_hid_dim_type: oneOf(['text_proj', null]).nullish(),
  attention_head_dim: z.union([size, z.array(size)]).default(8),
  num_attention_heads: oneOf([null]).nullish(),
  dual_cross_attention: oneOf([false]).nullish(),
  use_linear_projection: z.boolean().default(false),
  class_embed_type: oneOf(['timestep', 'projection', 'simple_projection', 'identity', null]).nullish(),
  addition_embed_type: oneOf(['text', 'text_time', null]).nullish(),
  addition_time_embed_dim: size.nullish(),
  addition_embed_type_num_heads: size.default(64),
  num_class_embeds: size.nullish(),
  resnet_time_scale_shift: oneOf(['default', 'scale_shift']).default('default'),
  time_embedding_type: oneOf(['positional']).default('positional'),
  time_embedding_dim: size.nullish(),
  time_embedding_act_fn: activation.nullish(),
  timestep_post_act: activation.nullish(),
  time_cond_proj_dim: size.nullish(),
  conv_in_kernel: oneOf([1, 3, 5, 7]).default(3),
  conv_out_kernel: oneOf([1, 3, 5, 7]).default(3),
  projection_class_embeddings_input_dim: size.nullish(),
  attention_type: oneOf(['default']).default('default'),
  class_embeddings_concat: oneOf([false]).nullish(),
});

/** One level of the U-Net, or one block on the way down or up. */
export interface UnetBlock {
  readonly channels: number;
  readonly layers: number;
  /** Transformer layers after each residual block; undefined where the block has no attention. */
  readonly attentions: readonly number[] | undefined;
  readonly heads: number;
  readonly textWidth: number;
  readonly onlyCrossAttention: boolean;
}

/** What class labels are and how they reach the time embedding. */
export type ClassEmbedding =
  | { readonly kind: 'table'; readonly classes: number }
  | { readonly kind: 'timestep' | 'identity' }
  | { readonly kind: 'projection' | 'simple_projection'; readonly inFeatures: number };

/** What is added to the time embedding beside the timestep. */
export type AdditionEmbedding =
  | { readonly kind: 'text'; readonly heads: number }
  | { readonly kind: 'text_time'; readonly timeIdWidth: number; readonly inFeatures: number };

/** A UNet2DConditionModel's config, checked, with every list written out block by block. */
export interface Unet2dConditionConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly centerInputSample: boolean;
  readonly flipSinToCos: boolean;
  readonly freqShift: number;
  readonly timeWidth: number;
  readonly timeActivation: Activation | undefined;
  readonly timePostActivation: Activation | undefined;
  /** Width of the embedding of the guidance scale (LCM), which the input `timestep_cond` then takes. */
  readonly timeConditionWidth: number | undefined;
  readonly convInKernel: number;
  readonly convOutKernel: number;
  readonly activation: Activation;
  readonly groups: number;
  readonly epsilon: number;
  readonly timeScaleShift: 'default' | 'scale_shift';
  readonly useLinearProjection: boolean;
  readonly downsamplePadding: number;
  readonly down: readonly UnetBlock[];
  readonly mid: (UnetBlock & { readonly scale: number }) | undefined;
  readonly up: readonly UnetBlock[];
  /** Width of `encoder_hidden_states`. */
  readonly textWidth: number;
  /** What the text is projected to first, where the network does that. */
  readonly projectedTextWidth: number | undefined;
  readonly classEmbedding: ClassEmbedding | undefined;
  readonly addition: AdditionEmbedding | undefined;
}

/** Reads a UNet2DConditionModel's config.json. */
export function parseUnet2dConditionConfig(json: unknown): Result<Unet2dConditionConfig> {
  const parsed = parseConfig(schema, json, WHAT);
  if (!parsed.ok) return parsed;
  const raw = parsed.value;
  const levels = raw.block_out_channels.length;
  const perLevel = {
    down_block_types: raw.down_block_types,
    up_block_types: raw.up_block_types,
    only_cross_attention: raw.only_cross_attention,
    layers_per_block: raw.layers_per_block,
    cross_attention_dim: raw.cross_attention_dim,
    transformer_layers_per_block: raw.transformer_layers_per_block,
    reverse_transformer_layers_per_block: raw.reverse_transformer_layers_per_block ?? undefined,
    attention_head_dim: raw.attention_head_dim,
  };
  for (const [key, value] of Object.entries(perLevel)) {
    if (Array.isArray(value) && value.length !== levels) {
      return refuseConfig(WHAT, key, value, `one entry is wanted for each of the ${levels} entries of "block_out_channels"`);
    }
  }
  const blocks = listBlocks(raw);
  if (!blocks.ok) return blocks;
  const classEmbedding = readClassEmbedding(raw);
  if (!classEmbedding.ok) return classEmbedding;
  const addition = readAddition(raw);
  if (!addition.ok) return addition;
  const [firstChannels = 0] = raw.block_out_channels;
  if (raw.freq_shift === firstChannels / 2) {
    return refuseConfig(WHAT, 'freq_shift', raw.freq_shift, `it cannot be half of the first level's ${firstChannels} channels`);
  }
  const { down, mid, up, crossWidth } = blocks.value;
  const textWidth = raw.encoder_hid_dim ?? crossWidth;
  if (raw.encoder_hid_dim_type === 'text_proj' && raw.encoder_hid_dim === undefined) {
    return missing('encoder_hid_dim', '"encoder_hid_dim_type": "text_proj"');
  }
  if (addition.value?.kind === 'text' && textWidth % addition.value.heads !== 0) {
    const { heads } = addition.value;
    return refuseConfig(WHAT, 'addition_embed_type_num_heads', heads, `it has to divide the text's width of ${textWidth}`);
  }
  return ok({
    inChannels: raw.in_channels,
    outChannels: raw.out_channels,
    centerInputSample: raw.center_input_sample,
    flipSinToCos: raw.flip_sin_to_cos,
    freqShift: raw.freq_shift,
    timeWidth: raw.time_embedding_dim ?? firstChannels * 4,
    timeActivation: raw.time_embedding_act_fn ?? undefined,
    timePostActivation: raw.timestep_post_act ?? undefined,
    timeConditionWidth: raw.time_cond_proj_dim ?? undefined,
    convInKernel: raw.conv_in_kernel,
    convOutKernel: raw.conv_out_kernel,
    activation: raw.act_fn,
    groups: raw.norm_num_groups,
    epsilon: raw.norm_eps,
    timeScaleShift: raw.resnet_time_scale_shift,
    useLinearProjection: raw.use_linear_projection,
    downsamplePadding: raw.downsample_padding,
    down,
    mid,
    up,
    textWidth,
    projectedTextWidth: raw.encoder_hid_dim === undefined ? undefined : crossWidth,
    classEmbedding: classEmbedding.value,
    addition: addition.value,
  });
}

type Raw = z.infer<typeof schema>;

/** Writes out what may be one number for all levels, one a level, or one a residual block. */
function listBlocks(raw: Raw): Result<Pick<Unet2dConditionConfig, 'down' | 'mid' | 'up'> & { crossWidth: number }> {
  const levels = raw.block_out_channels.length;
  // "attention_head_dim" has always held the number of heads (diffusers issue 2011); diffusers refuses "num_attention_heads".
  const heads = perLevel(raw.attention_head_dim, levels);
  const layerCounts = perLevel(raw.layers_per_block, levels);
  const textWidths = perLevel(raw.cross_attention_dim, levels);
  const transformerLayers = perLevel<number | number[]>(raw.transformer_layers_per_block, levels);
  const onlyCross = perLevel(raw.only_cross_attention, levels);
  const upTransformerLayers = raw.reverse_transformer_layers_per_block ?? [...transformerLayers].reverse();
  const block = (level: number, type: string, layers: number, depth: number | number[]): UnetBlock => ({
    channels: at(raw.block_out_channels, level),
    layers,
    attentions: type.includes('CrossAttn') ? perLevel(depth, layers) : undefined,
    heads: at(heads, level),
    textWidth: at(textWidths, level),
    onlyCrossAttention: at(onlyCross, level),
  });
  const down = raw.down_block_types.map((type, level) => block(level, type, at(layerCounts, level), at(transformerLayers, level)));
  const up = raw.up_block_types.map((type, index) => {
    const level = levels - 1 - index;
    return block(level, type, at(layerCounts, level) + 1, at(upTransformerLayers, index));
  });
  const lastLevel = levels - 1;
  const mid =
    raw.mid_block_type === null
      ? undefined
      : {
          ...block(lastLevel, raw.mid_block_type, 1, at(transformerLayers, lastLevel)),
          onlyCrossAttention: false,
          scale: raw.mid_block_scale_factor,
        };
  const attending = [...down, ...(mid === undefined ? [] : [mid]), ...up].filter(({ attentions }) => attentions !== undefined);
  const total = attending.flatMap(({ attentions = [] }) => attentions).reduce((sum, layers) => sum + layers, 0);
  if (total > MAX_TRANSFORMER_LAYERS) {
    const want = `it makes ${total} transformer layers, of which ${MAX_TRANSFORMER_LAYERS} are supported`;
    return refuseConfig(WHAT, 'transformer_layers_per_block', raw.transformer_layers_per_block, want);
  }
  for (const one of attending) {
    if (one.attentions !== undefined && one.attentions.length < one.layers) {
      return refuseConfig(WHAT, 'transformer_layers_per_block', one.attentions, `one entry is wanted for each of ${one.layers} layers`);
    }
    if (one.heads > one.channels) {
      return refuseConfig(WHAT, 'attention_head_dim', one.heads, `it is the number of heads and cannot exceed ${one.channels} channels`);
    }
    if (one.textWidth !== attending[0]?.textWidth) {
      return refuseConfig(
        WHAT,
        'cross_attention_dim',
        raw.cross_attention_dim,
        'all blocks attend to the same text, so one width is wanted',
      );
    }
  }
  return ok({ down, mid, up, crossWidth: attending[0]?.textWidth ?? at(textWidths, 0) });
}

function readClassEmbedding(raw: Raw): Result<ClassEmbedding | undefined> {
  const kind = raw.class_embed_type ?? undefined;
  if (kind === undefined) return ok(raw.num_class_embeds ? { kind: 'table', classes: raw.num_class_embeds } : undefined);
  if (kind === 'timestep' || kind === 'identity') return ok({ kind });
  const inFeatures = raw.projection_class_embeddings_input_dim ?? undefined;
  if (inFeatures === undefined) return missing('projection_class_embeddings_input_dim', `"class_embed_type": "${kind}"`);
  return ok({ kind, inFeatures });
}

function readAddition(raw: Raw): Result<AdditionEmbedding | undefined> {
  switch (raw.addition_embed_type ?? undefined) {
    case undefined:
      return ok(undefined);
    case 'text':
      return ok({ kind: 'text', heads: raw.addition_embed_type_num_heads });
    case 'text_time': {
      const inFeatures = raw.projection_class_embeddings_input_dim ?? undefined;
      const timeIdWidth = raw.addition_time_embed_dim ?? undefined;
      if (inFeatures === undefined) return missing('projection_class_embeddings_input_dim', '"addition_embed_type": "text_time"');
      if (timeIdWidth === undefined) return missing('addition_time_embed_dim', '"addition_embed_type": "text_time"');
      return ok({ kind: 'text_time', timeIdWidth, inFeatures });
    }
  }
  throw new Error('an addition that the schema knows is not read');
}

function missing(key: string, because: string): Result<never> {
  return fail('model.config', `The config of the ${WHAT} has ${because} and no "${key}". Correct its config.json.`, { path: key });
}

function perLevel<T>(value: T | T[], length: number): T[] {
  return Array.isArray(value) ? value : new Array<T>(length).fill(value);
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`no entry ${index} in a list of ${list.length}`);
  return value;
}
