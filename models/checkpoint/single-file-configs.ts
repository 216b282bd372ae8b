import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { JsonObject } from '../read-json.ts';
import { readTensor } from '../read-tensor.ts';
import type { SafetensorsFile } from '../safetensors.ts';
import { bundledClipFolder, findTokenizerFiles, tokenizerPaths } from '../tokenizers/tokenizer-files.ts';
import type { FoundComponent, FoundTextEncoder } from './assemble.ts';
import type { ModelIndex, PredictionType } from './checkpoint.ts';
import type { ConfigFile } from './config-values.ts';
import { describeTextEncoder, fingerprintSmallFile, readConfig, readModelIndex, readScheduler } from './diffusers-folder.ts';
import { inferClipTextConfig, inferUnetConfig, inferVaeConfig } from './infer-configs.ts';
import { clipTokenizerDefaults, defaultScheduler } from './single-file-defaults.ts';
import type { SingleFileFamily, TextPart } from './single-file-layout.ts';
import type { TensorMap } from './tensor-map.ts';

/** The networks of a single file under diffusers' names. */
export interface SingleFileNetworks {
  readonly unet: TensorMap;
  readonly vae: TensorMap;
  readonly text: readonly { readonly part: TextPart; readonly tensors: TensorMap }[];
}

/** A single file's networks with the configs that go with them. */
export interface DescribedNetworks {
  readonly unet: FoundComponent;
  readonly vae: FoundComponent;
  readonly textEncoders: readonly FoundTextEncoder[];
  readonly scheduler: ConfigFile | undefined;
  readonly modelIndex: ModelIndex;
  /** Of the config files that were used. */
  readonly fingerprints: readonly string[];
}

const CLIP_TOKENS = 49408;

/** Takes the configs, and the tokenizers' settings, out of a diffusers folder. */
export async function describeFromFolder(
  folder: string,
  networks: SingleFileNetworks,
  modelsRoot: string,
): Promise<Result<DescribedNetworks>> {
  const indexPath = join(folder, 'model_index.json');
  const index = existsSync(indexPath) ? await readConfig(indexPath) : ok<ConfigFile>({ path: indexPath, json: {} });
  if (!index.ok) return index;
  const modelIndex = readModelIndex(index.value);
  if (!modelIndex.ok) return modelIndex;
  const unet = await readConfig(join(folder, 'unet', 'config.json'));
  if (!unet.ok) return unet;
  const vae = await readConfig(join(folder, 'vae', 'config.json'));
  if (!vae.ok) return vae;
  const paths = [unet.value.path, vae.value.path];
  const textEncoders: FoundTextEncoder[] = [];
  for (const { part, tensors } of networks.text) {
    const config = await readConfig(join(folder, `text_encoder${part.suffix}`, 'config.json'));
    if (!config.ok) return config;
    const encoder = await describeTextEncoder(
      folder,
      part.suffix,
      { config: config.value, tensors },
      index.value,
      modelsRoot,
      clipTokenizerDefaults(part.padToken),
    );
    if (!encoder.ok) return encoder;
    paths.push(config.value.path, ...tokenizerPaths(encoder.value.tokenizer));
    textEncoders.push({ ...encoder.value, withProjection: part.withProjection });
  }
  const scheduler = await readScheduler(folder);
  if (!scheduler.ok) return scheduler;
  if (scheduler.value !== undefined) paths.push(scheduler.value.path);
  return ok({
    unet: { config: unet.value, tensors: networks.unet },
    vae: { config: vae.value, tensors: networks.vae },
    textEncoders,
    scheduler: scheduler.value,
    modelIndex: modelIndex.value,
    fingerprints: paths.map(fingerprintSmallFile),
  });
}

/** Tells the configs from the tensors, and takes the family's scheduler and CLIP's own tokenizer. */
export async function describeFromTensors(
  file: SafetensorsFile,
  family: SingleFileFamily,
  networks: SingleFileNetworks,
  modelsRoot: string,
): Promise<Result<DescribedNetworks>> {
  const asConfig = (json: JsonObject): ConfigFile => ({ path: file.path, json });
  const textEncoders: FoundTextEncoder[] = [];
  for (const { part, tensors } of networks.text) {
    const encoder = describeClip(part, tensors, asConfig, modelsRoot);
    if (!encoder.ok) return encoder;
    textEncoders.push(encoder.value);
  }
  const isXl = family === 'sdxl' || family === 'sdxl-refiner';
  const pooledWidth = textEncoders.at(-1)?.config.json['projection_dim'];
  // SDXL is told original size, crop and target size (six numbers), its refiner original size, crop and a score (five).
  const sizes = isXl && typeof pooledWidth === 'number' ? { pooledWidth, timeIds: family === 'sdxl' ? 6 : 5 } : undefined;
  const prediction = await tellPrediction(file, family, networks.unet);
  if (!prediction.ok) return prediction;
  const sampleSize = isXl ? 128 : family === 'sd2' && prediction.value === 'v_prediction' ? 96 : 64;
  const unet = inferUnetConfig(networks.unet, sampleSize, sizes);
  if (!unet.ok) return unet;
  const vae = inferVaeConfig(networks.vae, isXl ? 0.13025 : 0.18215, sampleSize * 8);
  if (!vae.ok) return vae;
  return ok({
    unet: { config: asConfig(unet.value), tensors: networks.unet },
    vae: { config: asConfig(vae.value), tensors: networks.vae },
    textEncoders,
    scheduler: asConfig(defaultScheduler(family, prediction.value, file.tensors.has('ztsnr'))),
    modelIndex: {
      className: isXl ? 'StableDiffusionXLPipeline' : 'StableDiffusionPipeline',
      forceZerosForEmptyPrompt: family === 'sdxl',
      requiresAestheticsScore: family === 'sdxl-refiner',
      textConditioning: undefined,
      latentPreview: undefined,
    },
    fingerprints: [],
  });
}

function describeClip(
  part: TextPart,
  tensors: TensorMap,
  asConfig: (json: JsonObject) => ConfigFile,
  modelsRoot: string,
): Result<FoundTextEncoder> {
  const { withProjection, padToken, usedLayers } = part;
  const activation = part.names === 'openclip' ? 'gelu' : 'quick_gelu';
  const config = inferClipTextConfig(tensors, { activation, ...(usedLayers === undefined ? {} : { usedLayers }) });
  if (!config.ok) return config;
  const vocabulary = config.value['vocab_size'];
  if (vocabulary !== CLIP_TOKENS) {
    return fail(
      'model.tokenizer',
      `its text encoder has ${String(vocabulary)} tokens where CLIP has ${CLIP_TOKENS}. Give the folder that its configs and its tokenizer are in.`,
    );
  }
  const tokenizer = findTokenizerFiles(undefined, bundledClipFolder(modelsRoot), clipTokenizerDefaults(padToken));
  if (!tokenizer.ok) return tokenizer;
  return ok({ config: asConfig(config.value), tensors, kind: 'clip-text', withProjection, tokenizer: tokenizer.value, tokenLimit: 77 });
}

/** SD 2's weights by which ComfyUI tells its two kinds apart, and the spread above which a model predicts v. */
const SD2_TELLTALE = 'model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias';
const SD2_V_SPREAD = 0.09;

/**
 * What the U-Net predicts. Newer files say it with an empty tensor `v_pred`. SD 2 came in both kinds, which no name or shape shows:
 * as in ComfyUI (supported_models.py, SD20.model_type) the spread of one bias decides, and without it v, as in diffusers.
 */
async function tellPrediction(file: SafetensorsFile, family: SingleFileFamily, unet: TensorMap): Promise<Result<PredictionType>> {
  if (file.tensors.has('v_pred')) return ok('v_prediction');
  if (family !== 'sd2' || unet.get('conv_in.weight')?.shape[1] !== 4) return ok('epsilon');
  if (!file.tensors.has(SD2_TELLTALE)) return ok('v_prediction');
  const bias = await readTensor(file, SD2_TELLTALE);
  if (!bias.ok) return bias;
  const { data } = bias.value;
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
  return ok(Math.sqrt(variance) > SD2_V_SPREAD ? 'v_prediction' : 'epsilon');
}
