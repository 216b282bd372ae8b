import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { recogniseTensors } from '../checkpoint/identify-tensors.ts';
import { inferVaeConfig } from '../checkpoint/infer-configs.ts';
import { SHARED_SPACES } from '../checkpoint/latent-space.ts';
import { LDM_VAE_PREFIXES, ldmVaeKeys } from '../checkpoint/ldm-vae-keys.ts';
import { ownTensors, renamedTensors, type TensorMap } from '../checkpoint/tensor-map.ts';
import type { JsonObject } from '../read-json.ts';
import { openSafetensors, type SafetensorsFile } from '../safetensors.ts';
import { hasSide, inferTinyConfig, readTaesdTensors } from './taesd-keys.ts';

/** An autoencoder's weights under diffusers' names, and the config that goes with them. */
export interface VaeFile {
  readonly tensors: TensorMap;
  readonly config: JsonObject;
  /** One for each file that was used. */
  readonly fingerprints: readonly string[];
}

/** Reads an autoencoder out of a file; without a config that goes with it, the config is told from names and shapes. */
export async function readVaeFile(path: string, file: SafetensorsFile, given: JsonObject | undefined): Promise<Result<VaeFile>> {
  const tiny = readTaesdTensors(file);
  if (tiny !== undefined) return tiny.ok ? withOtherHalf(path, file, tiny.value, given) : tiny;
  const tensors = nameTensors(path, file);
  if (!tensors.ok) return tensors;
  if (given !== undefined) return ok({ tensors: tensors.value, config: given, fingerprints: [file.fingerprint] });
  const inferred = inferVaeConfig(tensors.value, SHARED_SPACES.sd.scalingFactor, 512);
  if (!inferred.ok) return fail({ ...inferred.problem, message: `${path} cannot be opened: ${inferred.problem.message}` });
  // Nothing tells the scaling; it goes with the latent space, which is chosen later.
  const { scaling_factor: _unknown, ...config } = inferred.value;
  return ok({ tensors: tensors.value, config, fingerprints: [file.fingerprint] });
}

function nameTensors(path: string, file: SafetensorsFile): Result<TensorMap> {
  const names = [...file.tensors.keys()];
  if (names.some((name) => /^decoder\.up_blocks\./.test(name))) return ok(ownTensors(file));
  const prefix = [...LDM_VAE_PREFIXES, ''].find((one) => names.some((name) => name.startsWith(`${one}decoder.up.`)));
  if (prefix === undefined) {
    const what = recogniseTensors(names);
    const found = what === undefined ? `its tensors are ${names.slice(0, 3).join(', ') || 'none at all'}` : `it looks like ${what}`;
    return fail('model.wrongFamily', `${path} is not an autoencoder: ${found}. Choose a VAE or a TAESD for SD 1.5, SD 2 or SDXL.`);
  }
  const keys = ldmVaeKeys(names, prefix);
  const [stranger] = keys.unmapped;
  if (stranger !== undefined) {
    return fail('model.unsupported', `${path} has a tensor ${stranger}, which no autoencoder of this kind has. Take an unmodified one.`);
  }
  return renamedTensors(file, keys.names);
}

/** A TAESD file with the other half from the file beside it, where there is one: taesd_encoder goes with taesd_decoder. */
async function withOtherHalf(
  path: string,
  file: SafetensorsFile,
  tensors: TensorMap,
  given: JsonObject | undefined,
): Promise<Result<VaeFile>> {
  const config = (all: TensorMap): JsonObject => given ?? inferTinyConfig(all);
  const alone = ok({ tensors, config: config(tensors), fingerprints: [file.fingerprint] });
  if (hasSide(tensors, 'encoder') && hasSide(tensors, 'decoder')) return alone;
  const swapped = basename(path).replace(/encoder|decoder/i, (side) => (side.toLowerCase() === 'encoder' ? 'decoder' : 'encoder'));
  const beside = join(dirname(path), swapped);
  if (swapped === basename(path) || !existsSync(beside)) return alone;
  const other = await openSafetensors(beside);
  if (!other.ok) return other;
  const more = readTaesdTensors(other.value);
  if (more?.ok === false) return more;
  if (more === undefined) return alone;
  const all = new Map([...tensors, ...more.value]);
  return ok({ tensors: all, config: config(all), fingerprints: [file.fingerprint, other.value.fingerprint] });
}
