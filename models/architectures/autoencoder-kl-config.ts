import { z } from 'zod';
import { ok, type Result } from '../../nodes/problem.ts';
import { type Activation, DIFFUSERS_ACTIVATIONS } from './blocks/activation.ts';
import { depth, factor, MAX_LEVELS, oneOf, parseConfig, refuseConfig, size } from './parse-config.ts';

const WHAT = 'autoencoder';

/** The keys of diffusers' AutoencoderKL, with its defaults. */
const schema = z.object({
  in_channels: size.default(3),
  out_channels: size.default(3),
  down_block_types: z.array(oneOf(['DownEncoderBlock2D'])).default(['DownEncoderBlock2D']),
  up_block_types: z.array(oneOf(['UpDecoderBlock2D'])).default(['UpDecoderBlock2D']),
  block_out_channels: z.array(size).min(1).max(MAX_LEVELS).default([64]),
  layers_per_block: depth.default(1),
  act_fn: z.enum(DIFFUSERS_ACTIVATIONS).default('silu'),
  latent_channels: size.default(4),
  norm_num_groups: size.default(32),
  scaling_factor: z.number().min(1e-6).max(1e6).default(0.18215),
  shift_factor: factor.nullish(),
  latents_mean: z.array(factor).nullish(),
  latents_std: z.array(z.number().min(1e-6).max(1e6)).nullish(),
  use_quant_conv: z.boolean().default(true),
  use_post_quant_conv: z.boolean().default(true),
  mid_block_add_attention: z.boolean().default(true),
});

/** An AutoencoderKL's config, checked. */
export interface AutoencoderKlConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly blockChannels: readonly number[];
  readonly layersPerBlock: number;
  readonly activation: Activation;
  readonly latentChannels: number;
  readonly groups: number;
  /** Latents are multiplied by it after encoding and divided by it before decoding, outside the graphs. */
  readonly scalingFactor: number;
  /** Subtracted before that multiplication; 0 for Stable Diffusion. */
  readonly shiftFactor: number;
  /** Mean and deviation of each channel, by which SDXL's latents are centred before that multiplication; undefined: they are not. */
  readonly statistics: { readonly mean: readonly number[]; readonly std: readonly number[] } | undefined;
  readonly hasQuantConv: boolean;
  readonly hasPostQuantConv: boolean;
  readonly hasMidAttention: boolean;
  /** Pixels per latent cell along one side. */
  readonly factor: number;
}

/** Reads an AutoencoderKL's config.json. */
export function parseAutoencoderKlConfig(json: unknown): Result<AutoencoderKlConfig> {
  const parsed = parseConfig(schema, json, WHAT);
  if (!parsed.ok) return parsed;
  const raw = parsed.value;
  const levels = raw.block_out_channels.length;
  for (const key of ['down_block_types', 'up_block_types'] as const) {
    if (raw[key].length !== levels) {
      return refuseConfig(WHAT, key, raw[key], `one entry is wanted for each of the ${levels} entries of "block_out_channels"`);
    }
  }
  const { latents_mean: mean, latents_std: std } = raw;
  for (const [key, value] of Object.entries({ latents_mean: mean, latents_std: std })) {
    if (value && value.length !== raw.latent_channels) {
      return refuseConfig(WHAT, key, value, `one number is wanted for each of ${raw.latent_channels} latent channels`);
    }
  }
  return ok({
    inChannels: raw.in_channels,
    outChannels: raw.out_channels,
    blockChannels: raw.block_out_channels,
    layersPerBlock: raw.layers_per_block,
    activation: raw.act_fn,
    latentChannels: raw.latent_channels,
    groups: raw.norm_num_groups,
    scalingFactor: raw.scaling_factor,
    shiftFactor: raw.shift_factor ?? 0,
    statistics: mean && std ? { mean, std } : undefined,
    hasQuantConv: raw.use_quant_conv,
    hasPostQuantConv: raw.use_post_quant_conv,
    hasMidAttention: raw.mid_block_add_attention,
    factor: 2 ** (levels - 1),
  });
}
