import { join } from 'node:path';
import { ok, type Result } from '../../nodes/problem.ts';
import { parseSrvggNetCompactConfig, type SrvggNetCompactConfig } from '../architectures/srvgg-net-compact.ts';
import { readJsonFile } from '../read-json.ts';
import { openSafetensors } from '../safetensors.ts';
import type { WeightSource } from '../weights.ts';

/** An upscaler opened by its header and config; no weight has been read. */
export interface UpscalerModel {
  readonly config: SrvggNetCompactConfig;
  readonly weights: WeightSource;
  /** Changes when its file does. */
  readonly fingerprint: string;
}

/** Opens a folder with an upscaler's config.json and model.safetensors. */
export async function openUpscalerFolder(folder: string): Promise<Result<UpscalerModel>> {
  const json = await readJsonFile(join(folder, 'config.json'));
  if (!json.ok) return json;
  const config = parseSrvggNetCompactConfig(json.value);
  if (!config.ok) return config;
  const opened = await openSafetensors(join(folder, 'model.safetensors'));
  if (!opened.ok) return opened;
  const file = opened.value;
  const weights: WeightSource = {
    get(name) {
      const entry = file.tensors.get(name);
      return entry && { path: file.path, dtype: entry.dtype, shape: entry.shape, byteOffset: entry.offset, byteLength: entry.length };
    },
    names: () => file.tensors.keys(),
  };
  return ok({ config: config.value, weights, fingerprint: file.fingerprint });
}
