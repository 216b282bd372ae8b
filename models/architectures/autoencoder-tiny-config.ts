import { z } from 'zod';
import { ok, type Result } from '../../nodes/problem.ts';
import { type Activation, DIFFUSERS_ACTIVATIONS } from './blocks/activation.ts';
import { depthOrNone, factor, MAX_LEVELS, oneOf, parseConfig, refuseConfig, size } from './parse-config.ts';

const WHAT = 'small autoencoder';

const channels = z.array(size).min(1).max(MAX_LEVELS);
const blocks = z.array(depthOrNone).min(1).max(MAX_LEVELS);

/** The keys of diffusers' AutoencoderTiny, with its defaults. */
const schema = z.object({
  in_channels: size.default(3),
  out_channels: size.default(3),
  encoder_block_out_channels: channels.default([64, 64, 64, 64]),
  decoder_block_out_channels: channels.default([64, 64, 64, 64]),
  act_fn: z.enum(DIFFUSERS_ACTIVATIONS).default('relu'),
  upsample_fn: oneOf(['nearest']).default('nearest'),
  latent_channels: size.default(4),
  upsampling_scaling_factor: oneOf([2]).default(2),
  num_encoder_blocks: blocks.default([1, 3, 3, 3]),
  num_decoder_blocks: blocks.default([3, 3, 3, 1]),
  scaling_factor: z.number().min(1e-6).max(1e6).default(1),
  shift_factor: factor.nullish(),
});

/** An AutoencoderTiny's config, checked. */
export interface AutoencoderTinyConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly encoderChannels: number;
  readonly decoderChannels: number;
  /** Residual blocks of each level, the picture's side first. */
  readonly encoderBlocks: readonly number[];
  /** The same of the decoder, the latent's side first. */
  readonly decoderBlocks: readonly number[];
  readonly activation: Activation;
  readonly latentChannels: number;
  /** As AutoencoderKL's; 1 for TAESD, which takes scaled latents as they are. */
  readonly scalingFactor: number;
  readonly shiftFactor: number;
  /** Pixels per latent cell along one side. */
  readonly factor: number;
}

/** Reads an AutoencoderTiny's config.json. */
export function parseAutoencoderTinyConfig(json: unknown): Result<AutoencoderTinyConfig> {
  const parsed = parseConfig(schema, json, WHAT);
  if (!parsed.ok) return parsed;
  const raw = parsed.value;
  for (const side of ['encoder', 'decoder'] as const) {
    const widths = raw[`${side}_block_out_channels`];
    const levels = raw[`num_${side}_blocks`].length;
    // Nothing between the levels changes the width, though the config could say so.
    if (widths.length !== levels || new Set(widths).size > 1) {
      return refuseConfig(WHAT, `${side}_block_out_channels`, widths, `${levels} equal numbers are wanted, one for each level`);
    }
  }
  if (raw.num_encoder_blocks.length !== raw.num_decoder_blocks.length) {
    const want = `as many levels as "num_encoder_blocks" has (${raw.num_encoder_blocks.length}) are wanted`;
    return refuseConfig(WHAT, 'num_decoder_blocks', raw.num_decoder_blocks, want);
  }
  return ok({
    inChannels: raw.in_channels,
    outChannels: raw.out_channels,
    encoderChannels: raw.encoder_block_out_channels[0] ?? 0,
    decoderChannels: raw.decoder_block_out_channels[0] ?? 0,
    encoderBlocks: raw.num_encoder_blocks,
    decoderBlocks: raw.num_decoder_blocks,
    activation: raw.act_fn,
    latentChannels: raw.latent_channels,
    scalingFactor: raw.scaling_factor,
    shiftFactor: raw.shift_factor ?? 0,
    factor: 2 ** (raw.num_decoder_blocks.length - 1),
  });
}
