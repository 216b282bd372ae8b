import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { VaeSpaceChoice } from '../../nodes/socket-values.ts';
import type { CheckpointLatentSpace, Component } from '../checkpoint/checkpoint.ts';
import { openComponentWeights } from '../checkpoint/component-weights.ts';
import { fingerprintSmallFile } from '../checkpoint/diffusers-folder.ts';
import { describeLatentSpace, isTinyAutoencoder, SHARED_SPACES, type SharedSpace } from '../checkpoint/latent-space.ts';
import { weightSource } from '../checkpoint/tensor-map.ts';
import { explainFileError } from '../file-error.ts';
import { combineFingerprints } from '../fingerprint.ts';
import { type JsonObject, readJsonFile } from '../read-json.ts';
import { openSafetensors } from '../safetensors.ts';
import { readVaeFile } from './read-vae-file.ts';

/** An autoencoder in a file or folder of its own, opened by its header and config; no weight has been read. */
export interface VaeModel extends Component {
  readonly path: string;
  readonly name: string;
  readonly fingerprint: string;
}

/**
 * Opens an autoencoder (AutoencoderKL or TAESD): a diffusers folder, a pipeline's folder with one in it, or a safetensors file in
 * diffusers' or the original layout; of a whole checkpoint its autoencoder. TAESD's halves are found beside each other.
 */
export async function openVae(path: string): Promise<Result<VaeModel>> {
  const full = resolve(path);
  try {
    return (await stat(full)).isDirectory() ? await openFolder(full) : await openFile(full);
  } catch (error) {
    return fail(explainFileError(path, error));
  }
}

/**
 * An autoencoder's config and latent space, with what was chosen by hand. Left to itself, a config's scaling tells SD from SDXL; without
 * one the file's name does: nothing in the weights says which.
 */
export function describeVae(vae: VaeModel, choice: VaeSpaceChoice): Result<{ config: JsonObject; space: CheckpointLatentSpace }> {
  const { path, config } = vae;
  // The folder's name too: taesdxl/diffusion_pytorch_model.safetensors.
  const place = `${basename(dirname(path))}/${basename(path)}`;
  const guess: SharedSpace = choice === 'auto' ? (/xl/i.test(place) ? 'sdxl' : 'sd') : choice;
  const isTiny = isTinyAutoencoder(config);
  const isScaled = isTiny || (choice === 'auto' && config['scaling_factor'] !== undefined);
  const described = isScaled ? config : { ...config, scaling_factor: SHARED_SPACES[guess].scalingFactor };
  const space = describeLatentSpace({ path, json: described }, isTiny ? (guess === 'sdxl' ? 'sdxl' : 'sd15') : undefined);
  if (!space.ok) return space;
  if (choice !== 'auto' && space.value.id !== choice) {
    const { label } = space.value;
    return fail(
      'model.wrongFamily',
      `${vae.name} cannot be an autoencoder of ${SHARED_SPACES[choice].label}: it has ${label}, and 4 channels at 1/8 are wanted. Set Space to auto.`,
      { socket: 'space' },
    );
  }
  return ok({ config: described, space: space.value });
}

async function openFolder(folder: string): Promise<Result<VaeModel>> {
  const inside = join(folder, 'vae', 'config.json');
  if (!existsSync(join(folder, 'config.json')) && existsSync(inside)) return openFolder(dirname(inside));
  const configPath = join(folder, 'config.json');
  if (!existsSync(configPath)) {
    return fail(
      'model.wrongFamily',
      `${folder} is not an autoencoder's folder: it has no config.json. Choose a folder with config.json and weights, or a .safetensors file.`,
    );
  }
  const config = await readJsonFile(configPath);
  if (!config.ok) return config;
  const kind = config.value['_class_name'];
  if (kind !== 'AutoencoderKL' && kind !== 'AutoencoderTiny') {
    return fail(
      'model.wrongFamily',
      `${configPath} describes a ${String(kind ?? config.value['model_type'] ?? 'network without a name')}; an AutoencoderKL or AutoencoderTiny is wanted here. Choose a VAE.`,
    );
  }
  const weights = await openComponentWeights(folder, 'diffusion_pytorch_model');
  if (!weights.ok) return weights;
  const { tensors, fingerprints } = weights.value;
  return ok({
    path: folder,
    name: basename(folder),
    fingerprint: combineFingerprints([...fingerprints, fingerprintSmallFile(configPath)]),
    config: config.value,
    weights: weightSource(tensors),
  });
}

async function openFile(path: string): Promise<Result<VaeModel>> {
  const file = await openSafetensors(path);
  if (!file.ok) return file;
  const beside = join(dirname(path), 'config.json');
  const described = existsSync(beside) ? await readJsonFile(beside) : undefined;
  const kind = described?.ok ? described.value['_class_name'] : undefined;
  const isOurs = kind === 'AutoencoderKL' || kind === 'AutoencoderTiny';
  const found = await readVaeFile(path, file.value, described?.ok && isOurs ? described.value : undefined);
  if (!found.ok) return found;
  const { tensors, config, fingerprints } = found.value;
  return ok({
    path,
    name: basename(path).replace(/\.safetensors$/i, ''),
    fingerprint: combineFingerprints([...fingerprints, ...(isOurs ? [fingerprintSmallFile(beside)] : [])]),
    config,
    weights: weightSource(tensors),
  });
}
