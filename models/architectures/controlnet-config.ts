import { z } from 'zod';
import { ok, type Result } from '../../nodes/problem.ts';
import { isJsonObject } from '../read-json.ts';
import { MAX_LEVELS, oneOf, parseConfig, size } from './parse-config.ts';
import { parseUnet2dConditionConfig, type Unet2dConditionConfig } from './unet-2d-condition-config.ts';

const WHAT = 'ControlNet';

/** The keys of diffusers' ControlNetModel that its U-Net does not have, with its defaults. */
const schema = z.object({
  _class_name: oneOf(['ControlNetModel']).optional(),
  conditioning_channels: size.default(3),
  conditioning_embedding_out_channels: z.array(size).min(1).max(MAX_LEVELS).nullable().default([16, 32, 96, 256]),
  controlnet_conditioning_channel_order: oneOf(['rgb', 'bgr']).default('rgb'),
  global_pool_conditions: z.boolean().default(false),
  down_block_types: z.array(z.string()).default(['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D']),
});

/** A ControlNetModel's config, checked. */
export interface ControlNetConfig {
  /** The half of a U-Net that it is a copy of; what belongs to the way up means nothing. */
  readonly unet: Unet2dConditionConfig;
  /** Channels of the picture it goes by. */
  readonly pictureChannels: number;
  readonly isBgr: boolean;
  /** Channels inside the small network that brings the picture down to latent size; each step but the first halves it. */
  readonly embeddingChannels: readonly number[];
  /** Only the mean of each channel is added (ControlNet Shuffle). */
  readonly poolsGlobally: boolean;
}

/** Reads a ControlNetModel's config.json. */
export function parseControlNetConfig(json: unknown): Result<ControlNetConfig> {
  const parsed = parseConfig(schema, json, WHAT);
  if (!parsed.ok) return parsed;
  const raw = parsed.value;
  const rest = isJsonObject(json) ? json : {};
  const unet = parseUnet2dConditionConfig({
    ...rest,
    up_block_types: raw.down_block_types.map((type) => type.replace('Down', 'Up')).reverse(),
    // Unlike the U-Net, diffusers' ControlNet takes the number of heads under its right name too.
    ...(rest['num_attention_heads'] == null ? {} : { attention_head_dim: rest['num_attention_heads'], num_attention_heads: null }),
  });
  if (!unet.ok) return { ok: false, problem: { ...unet.problem, message: unet.problem.message.replace('of the U-Net', `of the ${WHAT}`) } };
  return ok({
    unet: unet.value,
    pictureChannels: raw.conditioning_channels,
    isBgr: raw.controlnet_conditioning_channel_order === 'bgr',
    embeddingChannels: raw.conditioning_embedding_out_channels ?? [16, 32, 96, 256],
    poolsGlobally: raw.global_pool_conditions,
  });
}

/** Pixels of the picture that stand for one latent cell along a side. */
export function picturePerCell({ embeddingChannels }: ControlNetConfig): number {
  return 2 ** (embeddingChannels.length - 1);
}
