import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { parseT2iAdapterConfig, type T2iAdapterConfig } from '../architectures/t2i-adapter-config.ts';
import type { Component } from '../checkpoint/checkpoint.ts';
import { openComponentWeights } from '../checkpoint/component-weights.ts';
import { fingerprintSmallFile } from '../checkpoint/diffusers-folder.ts';
import { countIndices, irregular, shapesOf } from '../checkpoint/infer-down-path.ts';
import { renamedTensors, type TensorMap, weightSource } from '../checkpoint/tensor-map.ts';
import { combineFingerprints } from '../fingerprint.ts';
import { type JsonObject, readJsonFile } from '../read-json.ts';
import type { SafetensorsFile } from '../safetensors.ts';
import { t2iAdapterKeys } from './t2i-adapter-keys.ts';

/** A T2I-Adapter opened by its header and config; no weight has been read. */
export interface T2iAdapterModel extends Component {
  readonly kind: 't2iAdapter';
  readonly path: string;
  readonly name: string;
  readonly fingerprint: string;
  /** Which models it was made for, as far as its structure tells. */
  readonly family: 'sd15' | 'sdxl';
  readonly parsed: T2iAdapterConfig;
}

/** Opens a diffusers folder whose config.json describes a T2IAdapter. */
export async function openT2iAdapterFolder(folder: string, config: JsonObject): Promise<Result<T2iAdapterModel>> {
  const weights = await openComponentWeights(folder, 'diffusion_pytorch_model');
  if (!weights.ok) return weights;
  const { tensors, fingerprints } = weights.value;
  return finish(folder, config, tensors, [...fingerprints, fingerprintSmallFile(join(folder, 'config.json'))]);
}

/** Makes a T2I-Adapter of a file in diffusers' or the original's names, with the config beside it or one told from its tensors. */
export async function openT2iAdapterFile(path: string, file: SafetensorsFile): Promise<Result<T2iAdapterModel>> {
  const keys = t2iAdapterKeys([...file.tensors.keys()]);
  const [stranger] = keys.unmapped;
  if (stranger !== undefined) {
    return fail(
      'model.unsupported',
      `${path} is a T2I-Adapter of another kind: nothing is known of its tensor ${stranger}. Choose another.`,
    );
  }
  const tensors = renamedTensors(file, keys.names);
  if (!tensors.ok) return tensors;
  const beside = join(dirname(path), 'config.json');
  const json = existsSync(beside) ? await readJsonFile(beside) : undefined;
  if (json?.ok && json.value['_class_name'] === 'T2IAdapter') {
    return finish(path, json.value, tensors.value, [file.fingerprint, fingerprintSmallFile(beside)]);
  }
  const inferred = inferConfig(tensors.value);
  if (!inferred.ok) return fail({ ...inferred.problem, message: `${path} cannot be opened: ${inferred.problem.message}` });
  return finish(path, inferred.value, tensors.value, [file.fingerprint]);
}

/** Channels in a patch of the picture: what that says of picture and patch. */
const PATCHES: Readonly<Record<number, { readonly in_channels: number; readonly downscale_factor: number }>> = {
  64: { in_channels: 1, downscale_factor: 8 },
  192: { in_channels: 3, downscale_factor: 8 },
  256: { in_channels: 1, downscale_factor: 16 },
  768: { in_channels: 3, downscale_factor: 16 },
};

function inferConfig(tensors: TensorMap): Result<JsonObject> {
  const shape = shapesOf(tensors);
  const isLight = tensors.has('adapter.body.0.out_conv.weight');
  const bodies = countIndices(tensors, 'adapter.body.');
  const last = isLight ? 'out_conv' : 'resnets.0.block1';
  const channels = Array.from({ length: bodies }, (_, index) => shape(`adapter.body.${index}.${last}.weight`)[0] ?? 0);
  const patch = PATCHES[shape(isLight ? 'adapter.body.0.in_conv.weight' : 'adapter.conv_in.weight')[1] ?? 0];
  if (patch === undefined) return irregular(isLight ? 'body.0.in_conv' : 'conv_in');
  return ok({
    _class_name: 'T2IAdapter',
    ...patch,
    channels: isLight ? channels.slice(0, -1) : channels,
    num_res_blocks: countIndices(tensors, 'adapter.body.0.resnets.'),
    adapter_type: isLight ? 'light_adapter' : patch.downscale_factor === 16 ? 'full_adapter_xl' : 'full_adapter',
  });
}

function finish(path: string, config: JsonObject, tensors: TensorMap, fingerprints: readonly string[]): Result<T2iAdapterModel> {
  const parsed = parseT2iAdapterConfig(config);
  if (!parsed.ok) return fail({ ...parsed.problem, message: `${path} cannot be used: ${parsed.problem.message}` });
  return ok({
    kind: 't2iAdapter',
    path,
    name: basename(path).replace(/\.safetensors$/i, ''),
    fingerprint: combineFingerprints(fingerprints),
    family: parsed.value.kind === 'full_adapter_xl' ? 'sdxl' : 'sd15',
    config,
    weights: weightSource(tensors),
    parsed: parsed.value,
  });
}
