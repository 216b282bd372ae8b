import { z } from 'zod';
import { ok, type Result } from '../../nodes/problem.ts';
import { depth, MAX_LEVELS, oneOf, parseConfig, size } from './parse-config.ts';
import type { LatentSize, SkipShape } from './unet-encoder.ts';

/** The keys of diffusers' T2IAdapter, with its defaults. */
const schema = z.object({
  _class_name: oneOf(['T2IAdapter']).optional(),
  in_channels: size.default(3),
  channels: z.array(size).min(1).max(MAX_LEVELS).default([320, 640, 1280, 1280]),
  num_res_blocks: depth.default(2),
  downscale_factor: oneOf([2, 4, 8, 16, 32]).default(8),
  adapter_type: oneOf(['full_adapter', 'full_adapter_xl', 'light_adapter']).default('full_adapter'),
});

/** One body of a T2I-Adapter, which gives one map of features. */
export interface AdapterLevel {
  readonly inChannels: number;
  readonly outChannels: number;
  /** It halves what it gets. */
  readonly halves: boolean;
}

/** A T2IAdapter's config, checked, with its bodies written out. */
export interface T2iAdapterConfig {
  readonly kind: 'full_adapter' | 'full_adapter_xl' | 'light_adapter';
  /** Channels of the picture. */
  readonly pictureChannels: number;
  /** Pixels a side of the squares that the first maps have one cell for. */
  readonly patch: number;
  readonly residualBlocks: number;
  readonly levels: readonly AdapterLevel[];
}

/** Reads a T2IAdapter's config.json. */
export function parseT2iAdapterConfig(json: unknown): Result<T2iAdapterConfig> {
  const parsed = parseConfig(schema, json, 'T2I-Adapter');
  if (!parsed.ok) return parsed;
  const { in_channels, channels, num_res_blocks, downscale_factor, adapter_type } = parsed.value;
  return ok({
    kind: adapter_type,
    pictureChannels: in_channels,
    patch: downscale_factor,
    residualBlocks: num_res_blocks,
    levels: listLevels(adapter_type, channels, in_channels * downscale_factor ** 2),
  });
}

function listLevels(kind: T2iAdapterConfig['kind'], channels: readonly number[], patchChannels: number): AdapterLevel[] {
  const at = (index: number): number => channels[index] ?? 0;
  switch (kind) {
    case 'full_adapter':
      return channels.map((outChannels, index) => ({ inChannels: at(Math.max(0, index - 1)), outChannels, halves: index > 0 }));
    case 'full_adapter_xl':
      // The bodies after the third take their own width, so that diffusers' network only works where it stays the same.
      return channels.map((outChannels, index) => ({
        inChannels: index === 1 || index === 2 ? at(index - 1) : outChannels,
        outChannels,
        halves: index === 2,
      }));
    case 'light_adapter':
      return [...channels, at(channels.length - 1)].map((outChannels, index) => ({
        inChannels: index === 0 ? patchChannels : at(index - 1),
        outChannels,
        halves: index > 0,
      }));
  }
}

/** Pixels of the picture for one latent cell along a side: SDXL's adapters begin below the latents' size. */
export function adapterFactor({ kind, patch }: T2iAdapterConfig): number {
  return kind === 'full_adapter_xl' ? patch / 2 : patch;
}

/** The size of each map of features for a latent size. */
export function adapterShapes(config: T2iAdapterConfig, size: LatentSize): SkipShape[] {
  const { kind, levels } = config;
  let [height, width] = kind === 'full_adapter_xl' ? [size.height / 2, size.width / 2] : [size.height, size.width];
  return levels.map(({ outChannels, halves }) => {
    if (halves) [height, width] = [Math.ceil(height / 2), Math.ceil(width / 2)];
    return { channels: outChannels, height, width };
  });
}
