import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { type ClipVisionConfig, parseClipVisionConfig } from '../architectures/clip-vision-config.ts';
import type { Component } from '../checkpoint/checkpoint.ts';
import { openComponentWeights } from '../checkpoint/component-weights.ts';
import { fingerprintSmallFile } from '../checkpoint/diffusers-folder.ts';
import { recogniseTensors } from '../checkpoint/identify-tensors.ts';
import { countIndices, shapesOf } from '../checkpoint/infer-down-path.ts';
import { ownTensors, type TensorMap, weightSource } from '../checkpoint/tensor-map.ts';
import { explainFileError } from '../file-error.ts';
import { combineFingerprints } from '../fingerprint.ts';
import { type JsonObject, readJsonFile } from '../read-json.ts';
import { openSafetensors } from '../safetensors.ts';

/** A CLIP vision encoder opened by its header and config; no weight has been read. */
export interface ClipVisionModel extends Component {
  readonly path: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly parsed: ClipVisionConfig;
}

/** Opens a CLIP vision encoder: a transformers folder, or one safetensors file with the same names. */
export async function openClipVision(path: string): Promise<Result<ClipVisionModel>> {
  const full = resolve(path);
  try {
    return (await stat(full)).isDirectory() ? await openFolder(full) : await openFile(full);
  } catch (error) {
    return fail(explainFileError(path, error));
  }
}

async function openFolder(folder: string): Promise<Result<ClipVisionModel>> {
  const configPath = join(folder, 'config.json');
  if (!existsSync(configPath)) {
    return fail(
      'model.wrongFamily',
      `${folder} is not a CLIP vision encoder's folder: it has no config.json. Choose the folder image_encoder.`,
    );
  }
  const config = await readJsonFile(configPath);
  if (!config.ok) return config;
  const kind = config.value['model_type'] ?? config.value['_class_name'];
  if (kind !== 'clip_vision_model' && !(kind === 'clip' && 'vision_config' in config.value)) {
    return fail(
      'model.wrongFamily',
      `${configPath} describes a ${String(kind ?? 'network without a name')}; a CLIP vision encoder (clip_vision_model) is wanted here. Choose the folder image_encoder.`,
    );
  }
  const weights = await openComponentWeights(folder, 'model');
  if (!weights.ok) return weights;
  const { tensors, fingerprints } = weights.value;
  return finish(folder, config.value, tensors, [...fingerprints, fingerprintSmallFile(configPath)]);
}

async function openFile(path: string): Promise<Result<ClipVisionModel>> {
  const file = await openSafetensors(path);
  if (!file.ok) return file;
  const tensors = ownTensors(file.value);
  const config = inferConfig(tensors);
  if (config === undefined) {
    const names = [...tensors.keys()];
    const what = recogniseTensors(names) ?? `a file with the tensors ${names.slice(0, 3).join(', ') || 'none at all'}`;
    return fail(
      'model.wrongFamily',
      `${path} is not a CLIP vision encoder in transformers' names: it looks like ${what}. Choose the folder image_encoder, or a file with vision_model.* and visual_projection.`,
    );
  }
  return finish(path, config, tensors, [file.value.fingerprint]);
}

/** The config of one of the encoders in use, told from its shapes. */
function inferConfig(tensors: TensorMap): JsonObject | undefined {
  const root = tensors.has('vision_model.embeddings.class_embedding') ? 'vision_model.' : '';
  const shape = shapesOf(tensors);
  const [width] = shape(`${root}embeddings.class_embedding`);
  const [, , patch] = shape(`${root}embeddings.patch_embedding.weight`);
  const [tokens] = shape(`${root}embeddings.position_embedding.weight`);
  const [inner] = shape(`${root}encoder.layers.0.mlp.fc1.weight`);
  const [projection] = shape('visual_projection.weight');
  if (width === undefined || patch === undefined || tokens === undefined || inner === undefined || projection === undefined)
    return undefined;
  return {
    model_type: 'clip_vision_model',
    hidden_size: width,
    intermediate_size: inner,
    projection_dim: projection,
    num_hidden_layers: countIndices(tensors, `${root}encoder.layers.`),
    // ViT-L, -H and -bigG have 16, the base models 12.
    num_attention_heads: width >= 1024 ? 16 : 12,
    image_size: Math.round(Math.sqrt(tokens - 1)) * patch,
    patch_size: patch,
    // OpenAI's have quick_gelu, OpenCLIP's larger ones gelu.
    hidden_act: width > 1024 ? 'gelu' : 'quick_gelu',
  };
}

function finish(path: string, config: JsonObject, tensors: TensorMap, fingerprints: readonly string[]): Result<ClipVisionModel> {
  const parsed = parseClipVisionConfig(config);
  if (!parsed.ok) return fail({ ...parsed.problem, message: `${path} cannot be used: ${parsed.problem.message}` });
  return ok({
    path,
    name: basename(path),
    fingerprint: combineFingerprints(fingerprints),
    config,
    weights: weightSource(tensors),
    parsed: parsed.value,
  });
}
