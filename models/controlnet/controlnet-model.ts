import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { type ControlNetConfig, parseControlNetConfig } from '../architectures/controlnet-config.ts';
import type { CheckpointFamily, Component } from '../checkpoint/checkpoint.ts';
import { openComponentWeights } from '../checkpoint/component-weights.ts';
import { fingerprintSmallFile } from '../checkpoint/diffusers-folder.ts';
import { weightSource } from '../checkpoint/tensor-map.ts';
import { combineFingerprints } from '../fingerprint.ts';
import { type JsonObject, readJsonFile } from '../read-json.ts';
import type { SafetensorsFile } from '../safetensors.ts';
import { readControlNetFile } from './read-controlnet-file.ts';

/** A ControlNet opened by its header and config; no weight has been read. */
export interface ControlNetModel extends Component {
  readonly kind: 'controlNet';
  readonly path: string;
  readonly name: string;
  readonly fingerprint: string;
  /** Which models it was made for, as far as its structure tells. */
  readonly family: Exclude<CheckpointFamily, 'sdxl-refiner' | 'custom'>;
  readonly parsed: ControlNetConfig;
}

/** Opens a diffusers folder whose config.json describes a ControlNetModel. */
export async function openControlNetFolder(folder: string, config: JsonObject): Promise<Result<ControlNetModel>> {
  const weights = await openComponentWeights(folder, 'diffusion_pytorch_model');
  if (!weights.ok) return weights;
  const { tensors, fingerprints } = weights.value;
  return finish(folder, config, weightSource(tensors), [...fingerprints, fingerprintSmallFile(join(folder, 'config.json'))]);
}

/** Makes a ControlNet of a file in diffusers' or the original layout, with the config beside it or one told from its tensors. */
export async function openControlNetFile(path: string, file: SafetensorsFile): Promise<Result<ControlNetModel>> {
  const beside = join(dirname(path), 'config.json');
  const described = existsSync(beside) ? await readJsonFile(beside) : undefined;
  const isOurs = described?.ok === true && described.value['_class_name'] === 'ControlNetModel';
  const found = readControlNetFile(path, file, isOurs ? described.value : undefined);
  if (!found.ok) return found;
  const { config, tensors } = found.value;
  return finish(path, config, weightSource(tensors), [file.fingerprint, ...(isOurs ? [fingerprintSmallFile(beside)] : [])]);
}

function finish(path: string, config: JsonObject, weights: Component['weights'], fingerprints: readonly string[]): Result<ControlNetModel> {
  const parsed = parseControlNetConfig(config);
  if (!parsed.ok) return fail({ ...parsed.problem, message: `${path} cannot be used: ${parsed.problem.message}` });
  const { addition, useLinearProjection } = parsed.value.unet;
  return ok({
    kind: 'controlNet',
    path,
    name: basename(path).replace(/\.safetensors$/i, ''),
    fingerprint: combineFingerprints(fingerprints),
    family: addition?.kind === 'text_time' ? 'sdxl' : useLinearProjection ? 'sd2' : 'sd15',
    config,
    weights,
    parsed: parsed.value,
  });
}
