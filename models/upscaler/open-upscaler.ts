import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { parseSrvggNetCompactConfig, type SrvggNetCompactConfig } from '../architectures/srvgg-net-compact.ts';
import { ownTensors, weightSource } from '../checkpoint/tensor-map.ts';
import { explainFileError } from '../file-error.ts';
import type { OnnxFile } from '../onnx/onnx-file.ts';
import { openOnnx } from '../onnx/open-onnx.ts';
import { readJsonFile } from '../read-json.ts';
import { openSafetensors } from '../safetensors.ts';
import type { WeightSource } from '../weights.ts';

/** An upscaler opened by its header and config; no weight has been read. */
export type UpscalerModel = {
  readonly name: string;
  /** Changes when its file does. */
  readonly fingerprint: string;
} & (
  | { readonly kind: 'srvgg'; readonly config: SrvggNetCompactConfig; readonly weights: WeightSource }
  | { readonly kind: 'onnx'; readonly file: OnnxFile }
);

/** Opens an upscaler: a folder with its config.json and model.safetensors, or any network in an .onnx file. */
export async function openUpscalerModel(path: string): Promise<Result<UpscalerModel>> {
  try {
    if ((await stat(path)).isDirectory()) return await openFolder(path);
  } catch (error) {
    return fail(explainFileError(path, error));
  }
  if (!/\.onnx$/i.test(path)) {
    return fail(
      'model.unsupported',
      `${path} is not an upscaler that is known here. Choose an .onnx file, or a folder with config.json and model.safetensors of an SRVGGNetCompact.`,
    );
  }
  const file = await openOnnx(path);
  return file.ok ? ok({ kind: 'onnx', name: basename(path), fingerprint: file.value.fingerprint, file: file.value }) : file;
}

async function openFolder(folder: string): Promise<Result<UpscalerModel>> {
  if (!existsSync(join(folder, 'config.json'))) {
    return fail(
      'model.wrongFamily',
      `${folder} is not an upscaler's folder: it has no config.json. Choose an .onnx file, or a folder with config.json and model.safetensors.`,
    );
  }
  const json = await readJsonFile(join(folder, 'config.json'));
  if (!json.ok) return json;
  const config = parseSrvggNetCompactConfig(json.value);
  if (!config.ok) return config;
  const opened = await openSafetensors(join(folder, 'model.safetensors'));
  if (!opened.ok) return opened;
  const weights = weightSource(ownTensors(opened.value));
  return ok({ kind: 'srvgg', name: basename(folder), config: config.value, weights, fingerprint: opened.value.fingerprint });
}
