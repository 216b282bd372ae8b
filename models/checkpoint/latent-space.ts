import { ok, type Result } from '../../nodes/problem.ts';
import type { CheckpointFamily, CheckpointLatentSpace } from './checkpoint.ts';
import { type ConfigFile, readNumber, readSize, readSizes } from './config-values.ts';

/** The spaces that several autoencoders share, with what AutoencoderKL multiplies their latents by. */
export const SHARED_SPACES = {
  sd: { label: 'Stable Diffusion 1 and 2', scalingFactor: 0.18215 },
  sdxl: { label: 'SDXL', scalingFactor: 0.13025 },
} as const;

/** The name of a shared latent space. */
export type SharedSpace = keyof typeof SHARED_SPACES;

/** Whether a config describes an AutoencoderTiny (TAESD) instead of an AutoencoderKL. */
export function isTinyAutoencoder(json: Readonly<Record<string, unknown>>): boolean {
  return json['_class_name'] === 'AutoencoderTiny';
}

/**
 * The latent space of an autoencoder: two AutoencoderKL share one if channels, factor and scaling agree. An AutoencoderTiny takes scaled
 * latents as they are, so that nothing in it tells whose; there the `family` that it goes with decides.
 */
export function describeLatentSpace(config: ConfigFile, family?: CheckpointFamily): Result<CheckpointLatentSpace> {
  const isTiny = isTinyAutoencoder(config.json);
  const channels = readSize(config, 'latent_channels', 4);
  if (!channels.ok) return channels;
  const levels = isTiny ? readSizes(config, 'decoder_block_out_channels', [64, 64, 64, 64]) : readSizes(config, 'block_out_channels', [64]);
  if (!levels.ok) return levels;
  const scaling = readNumber(config, 'scaling_factor', isTiny ? 1 : SHARED_SPACES.sd.scalingFactor);
  if (!scaling.ok) return scaling;
  const shift = readNumber(config, 'shift_factor', 0);
  if (!shift.ok) return shift;
  const factor = 2 ** (levels.value.length - 1);
  const shiftFactor = typeof config.json['shift_factor'] === 'number' ? shift.value : null;
  const common = { channels: channels.value, factor, scalingFactor: scaling.value, shiftFactor };
  const isPlain = channels.value === 4 && factor === 8 && shift.value === 0 && !Array.isArray(config.json['latents_mean']);
  const shared = isPlain ? (isTiny ? spaceOfFamily(family, scaling.value) : spaceOfScaling(scaling.value)) : undefined;
  if (shared !== undefined) return ok({ id: shared, label: SHARED_SPACES[shared].label, ...common });
  const shifted = shift.value === 0 ? '' : `-shift${shift.value}`;
  return ok({
    id: `custom-${channels.value}ch-x${factor}-${scaling.value}${shifted}`,
    label: `${channels.value} channels at 1/${factor} of the size`,
    ...common,
  });
}

function spaceOfScaling(scaling: number): SharedSpace | undefined {
  for (const name of ['sd', 'sdxl'] as const) if (Math.abs(scaling - SHARED_SPACES[name].scalingFactor) < 1e-9) return name;
  return undefined;
}

function spaceOfFamily(family: CheckpointFamily | undefined, scaling: number): SharedSpace | undefined {
  if (family === undefined || family === 'custom' || scaling !== 1) return undefined;
  return family === 'sdxl' || family === 'sdxl-refiner' ? 'sdxl' : 'sd';
}
