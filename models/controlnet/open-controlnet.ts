import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { type ControlNetConfig, parseControlNetConfig } from '../architectures/controlnet-config.ts';
import type { CheckpointFamily, Component } from '../checkpoint/checkpoint.ts';
import { openComponentWeights } from '../checkpoint/component-weights.ts';
import { fingerprintSmallFile } from '../checkpoint/diffusers-folder.ts';
import { weightSource } from '../checkpoint/tensor-map.ts';
import { explainFileError } from '../file-error.ts';
import { combineFingerprints } from '../fingerprint.ts';
import { type JsonObject, readJsonFile } from '../read-json.ts';
import { openControlNetFile } from './open-controlnet-file.ts';

/** A ControlNet opened by its header and config; no weight has been read. */
export interface ControlNetModel extends Component {
  readonly path: string;
  readonly name: string;
  readonly fingerprint: string;
  /** Which models it was made for, as far as its structure tells. */
  readonly family: Exclude<CheckpointFamily, 'sdxl-refiner' | 'custom'>;
  readonly parsed: ControlNetConfig;
}

/** Opens a ControlNet, a diffusers folder or a single safetensors file in either layout; anything else comes back as a sentence. */
export async function openControlNet(path: string): Promise<Result<ControlNetModel>> {
  const full = resolve(path);
  try {
    return (await stat(full)).isDirectory() ? await openFolder(full) : await openFile(full);
  } catch (error) {
    return fail(explainFileError(path, error));
  }
}

async function openFolder(folder: string): Promise<Result<ControlNetModel>> {
  const configPath = join(folder, 'config.json');
  if (!existsSync(configPath)) {
    const found = existsSync(join(folder, 'model_index.json'))
      ? 'it is a whole model. Choose the folder of a ControlNet'
      : 'it has no config.json. Choose a folder with config.json and weights, or a .safetensors file';
    return fail('model.wrongFamily', `${folder} is not a ControlNet's folder: ${found}.`);
  }
  const json = await readJsonFile(configPath);
  if (!json.ok) return json;
  const kind = json.value['_class_name'] ?? json.value['model_type'];
  if (kind !== undefined && kind !== 'ControlNetModel') {
    return fail('model.wrongFamily', `${configPath} describes a ${String(kind)}; a ControlNetModel is wanted here. Choose a ControlNet.`);
  }
  const weights = await openComponentWeights(folder, 'diffusion_pytorch_model');
  if (!weights.ok) return weights;
  const source = weightSource(weights.value.tensors);
  return finish(folder, json.value, source, [...weights.value.fingerprints, fingerprintSmallFile(configPath)]);
}

async function openFile(path: string): Promise<Result<ControlNetModel>> {
  const beside = join(dirname(path), 'config.json');
  const described = existsSync(beside) ? await readJsonFile(beside) : undefined;
  const isOurs = described?.ok === true && described.value['_class_name'] === 'ControlNetModel';
  const opened = await openControlNetFile(path, isOurs ? described.value : undefined);
  if (!opened.ok) return opened;
  const { config, tensors, fingerprint } = opened.value;
  return finish(path, config, weightSource(tensors), [fingerprint, ...(isOurs ? [fingerprintSmallFile(beside)] : [])]);
}

function finish(path: string, config: JsonObject, weights: Component['weights'], fingerprints: readonly string[]): Result<ControlNetModel> {
  const parsed = parseControlNetConfig(config);
  if (!parsed.ok) return fail({ ...parsed.problem, message: `${path} cannot be used: ${parsed.problem.message}` });
  const { addition, useLinearProjection } = parsed.value.unet;
  return ok({
    path,
    name: basename(path).replace(/\.safetensors$/i, ''),
    fingerprint: combineFingerprints(fingerprints),
    family: addition?.kind === 'text_time' ? 'sdxl' : useLinearProjection ? 'sd2' : 'sd15',
    config,
    weights,
    parsed: parsed.value,
  });
}
