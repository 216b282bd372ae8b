import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail, type Result } from '../../nodes/problem.ts';
import { explainFileError } from '../file-error.ts';
import { readJsonFile } from '../read-json.ts';
import { openSafetensors } from '../safetensors.ts';
import { type ControlNetModel, openControlNetFile, openControlNetFolder } from './controlnet-model.ts';
import { isT2iAdapter } from './t2i-adapter-keys.ts';
import { openT2iAdapterFile, openT2iAdapterFolder, type T2iAdapterModel } from './t2i-adapter-model.ts';

/** A network by which a picture steers a denoiser. */
export type ControlModel = ControlNetModel | T2iAdapterModel;

/**
 * Opens a ControlNet or a T2I-Adapter: a diffusers folder, or a single safetensors file in diffusers' or the original's names. Anything
 * else comes back as a sentence.
 */
export async function openControlNet(path: string): Promise<Result<ControlModel>> {
  const full = resolve(path);
  try {
    if ((await stat(full)).isDirectory()) return await openFolder(full);
    const file = await openSafetensors(full);
    if (!file.ok) return file;
    return await (isT2iAdapter([...file.value.tensors.keys()])
      ? openT2iAdapterFile(full, file.value)
      : openControlNetFile(full, file.value));
  } catch (error) {
    return fail(explainFileError(path, error));
  }
}

async function openFolder(folder: string): Promise<Result<ControlModel>> {
  const configPath = join(folder, 'config.json');
  if (!existsSync(configPath)) {
    const found = existsSync(join(folder, 'model_index.json'))
      ? 'it is a whole model. Choose the folder of a ControlNet'
      : 'it has no config.json. Choose a folder with config.json and weights, or a .safetensors file';
    return fail('model.wrongFamily', `${folder} is not a ControlNet's folder: ${found}.`);
  }
  const json = await readJsonFile(configPath);
  if (!json.ok) return json;
  const kind = json.value['_class_name'] ?? json.value['model_type'] ?? 'ControlNetModel';
  if (kind === 'T2IAdapter') return openT2iAdapterFolder(folder, json.value);
  if (kind === 'ControlNetModel') return openControlNetFolder(folder, json.value);
  return fail(
    'model.wrongFamily',
    `${configPath} describes a ${String(kind)}; a ControlNetModel or T2IAdapter is wanted here. Choose a ControlNet.`,
  );
}
