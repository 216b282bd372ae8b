import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { isJsonObject, type JsonObject, readJsonFile } from '../read-json.ts';
import { bundledClipFolder, findTokenizerFiles, type TokenizerFiles, tokenizerPaths } from '../tokenizers/tokenizer-files.ts';
import { assembleCheckpoint, type FoundComponent, type FoundTextEncoder } from './assemble.ts';
import type { Checkpoint, LatentPreview, ModelIndex, TextConditioning } from './checkpoint.ts';
import { openComponentWeights } from './component-weights.ts';
import { type ConfigFile, wrong } from './config-values.ts';

const MODEL_INDEX = 'model_index.json';

/** Opens a folder as diffusers saves pipelines: model_index.json and a folder a component. */
export async function openDiffusersFolder(folder: string, modelsRoot: string): Promise<Result<Checkpoint>> {
  const indexPath = join(folder, MODEL_INDEX);
  if (!existsSync(indexPath)) return await explainOtherFolder(folder);
  const index = await readConfig(indexPath);
  if (!index.ok) return index;
  const supported = checkComponents(index.value);
  if (!supported.ok) return supported;
  const modelIndex = readModelIndex(index.value);
  if (!modelIndex.ok) return modelIndex;
  const paths = [indexPath];
  const fingerprints: string[] = [];

  const openPart = async (name: string, base: string): Promise<Result<FoundComponent>> => {
    const part = join(folder, name);
    if (!existsSync(part)) {
      return fail(
        'model.missing',
        `${folder} has no folder ${name}, which its ${MODEL_INDEX} names. Download it from where the model came from.`,
      );
    }
    const config = await readConfig(join(part, 'config.json'));
    if (!config.ok) return config;
    const weights = await openComponentWeights(part, base);
    if (!weights.ok) return weights;
    paths.push(config.value.path);
    fingerprints.push(...weights.value.fingerprints);
    return ok({ config: config.value, tensors: weights.value.tensors });
  };

  const unet = await openPart('unet', 'diffusion_pytorch_model');
  if (!unet.ok) return unet;
  const vae = await openPart('vae', 'diffusion_pytorch_model');
  if (!vae.ok) return vae;
  const textEncoders: FoundTextEncoder[] = [];
  for (const suffix of ['', '_2']) {
    if (!hasComponent(index.value.json, `text_encoder${suffix}`)) continue;
    const part = await openPart(`text_encoder${suffix}`, 'model');
    if (!part.ok) return part;
    const encoder = await describeTextEncoder(folder, suffix, part.value, index.value, modelsRoot);
    if (!encoder.ok) return encoder;
    paths.push(...tokenizerPaths(encoder.value.tokenizer));
    textEncoders.push(encoder.value);
  }
  const scheduler = await readScheduler(folder);
  if (!scheduler.ok) return scheduler;
  if (scheduler.value !== undefined) paths.push(scheduler.value.path);
  return assembleCheckpoint({
    path: folder,
    name: basename(folder),
    title: await readTitle(folder),
    layout: 'diffusers',
    unet: unet.value,
    vae: vae.value,
    textEncoders,
    scheduler: scheduler.value,
    modelIndex: modelIndex.value,
    fingerprints: [...fingerprints, ...paths.map(fingerprintSmallFile)],
  });
}

/** Name and content of a config or vocabulary: archives and package managers give every file the same time. */
export function fingerprintSmallFile(path: string): string {
  return createHash('sha256')
    .update(`${basename(path)}\n`)
    .update(readFileSync(path))
    .digest('hex');
}

/** Reads one config with its path. */
export async function readConfig(path: string): Promise<Result<ConfigFile>> {
  const json = await readJsonFile(path);
  return json.ok ? ok({ path, json: json.value }) : json;
}

/** The scheduler's config in a folder, or undefined where there is none. */
export async function readScheduler(folder: string): Promise<Result<ConfigFile | undefined>> {
  const path = join(folder, 'scheduler', 'scheduler_config.json');
  return existsSync(path) ? await readConfig(path) : ok(undefined);
}

/** What model_index.json says beside the list of components. */
export function readModelIndex(index: ConfigFile): Result<ModelIndex> {
  const className = typeof index.json['_class_name'] === 'string' ? index.json['_class_name'] : undefined;
  const isXl = className?.includes('StableDiffusionXL') ?? false;
  const textConditioning = readTextConditioning(index);
  if (!textConditioning.ok) return textConditioning;
  return ok({
    className,
    // The pipeline's own default where the file does not say.
    forceZerosForEmptyPrompt:
      index.json['force_zeros_for_empty_prompt'] === undefined ? isXl : index.json['force_zeros_for_empty_prompt'] === true,
    requiresAestheticsScore: index.json['requires_aesthetics_score'] === true,
    textConditioning: textConditioning.value,
    latentPreview: readLatentPreview(index.json['latents']),
  });
}

/** `latents.preview` of a pack; anything else there has no meaning here and is passed over. */
function readLatentPreview(latents: unknown): LatentPreview | undefined {
  const preview = isJsonObject(latents) ? latents['preview'] : undefined;
  if (!isJsonObject(preview) || !Array.isArray(preview['factors']) || !isRgb(preview['bias'])) return undefined;
  const factors: unknown[] = preview['factors'];
  return factors.every(isRgb) ? { factors, bias: preview['bias'] } : undefined;
}

function isRgb(value: unknown): value is [number, number, number] {
  return Array.isArray(value) && value.length === 3 && value.every((one) => typeof one === 'number' && Number.isFinite(one));
}

/** `text_conditioning`: how many rows of text a pack's U-Net was trained on, and what fills them up. */
function readTextConditioning(index: ConfigFile): Result<TextConditioning | undefined> {
  const value = index.json['text_conditioning'];
  if (value === undefined) return ok(undefined);
  const { output, max_length: maxLength, padding } = isJsonObject(value) ? value : {};
  if (output !== 'last_hidden_state') return wrong(index, 'text_conditioning.output', output, 'supported: last_hidden_state');
  if (typeof maxLength !== 'number' || !Number.isInteger(maxLength) || maxLength < 2 || maxLength > 4096) {
    return wrong(index, 'text_conditioning.max_length', maxLength, 'a whole number from 2 to 4096 is wanted');
  }
  if (padding !== 'zeros' && padding !== 'tokens') return wrong(index, 'text_conditioning.padding', padding, 'supported: zeros, tokens');
  return ok({ maxLength, zeroPadded: padding === 'zeros' });
}

/**
 * Finds out which encoder it is, and its tokenizer. `tokenizerDefaults` are the settings to go by where the folder has no tokenizer; a
 * pipeline's folder has to have one.
 */
export async function describeTextEncoder(
  folder: string,
  suffix: string,
  part: FoundComponent,
  index: ConfigFile,
  modelsRoot: string,
  tokenizerDefaults?: JsonObject,
): Promise<Result<FoundTextEncoder>> {
  const { json } = part.config;
  const declared = index.json[`text_encoder${suffix}`];
  const className = Array.isArray(declared) ? declared[1] : Array.isArray(json['architectures']) ? json['architectures'][0] : undefined;
  const isBert = json['model_type'] === 'bert';
  if (!isBert && json['model_type'] !== 'clip_text_model' && !String(className).startsWith('CLIPText')) {
    return wrong(part.config, 'model_type', json['model_type'] ?? className, 'supported: clip_text_model, bert');
  }
  // CLIP's own vocabulary fits every encoder with as many tokens.
  const bundled = !isBert && json['vocab_size'] === 49408 ? bundledClipFolder(modelsRoot) : undefined;
  const tokenizerFolder = join(folder, `tokenizer${suffix}`);
  if (tokenizerDefaults === undefined && !existsSync(tokenizerFolder)) {
    return fail('model.tokenizer', `${folder} has no folder tokenizer${suffix}. Download it from where the model came from.`);
  }
  const tokenizer = findTokenizerFiles(tokenizerFolder, bundled, existsSync(tokenizerFolder) ? {} : tokenizerDefaults);
  if (!tokenizer.ok) return tokenizer;
  const tokenLimit = await readTokenLimit(tokenizer.value);
  if (!tokenLimit.ok) return tokenLimit;
  return ok({
    ...part,
    kind: isBert ? 'bert' : 'clip-text',
    withProjection: className === 'CLIPTextModelWithProjection',
    tokenizer: tokenizer.value,
    tokenLimit: tokenLimit.value,
  });
}

async function readTokenLimit({ settingsPaths, defaults }: TokenizerFiles): Promise<Result<number | undefined>> {
  let limit = defaults['model_max_length'];
  for (const path of settingsPaths) {
    const settings = await readJsonFile(path);
    if (!settings.ok) return settings;
    limit = settings.value['model_max_length'] ?? limit;
  }
  return ok(typeof limit === 'number' && limit >= 2 && limit < 1e6 ? Math.floor(limit) : undefined);
}

function hasComponent(index: JsonObject, name: string): boolean {
  const entry = index[name];
  return Array.isArray(entry) && typeof entry[1] === 'string';
}

/** Refuses pipelines that are made of other networks, by the name their model_index.json gives. */
function checkComponents(index: ConfigFile): Result<void> {
  const className = String(index.json['_class_name'] ?? 'a pipeline');
  if (className.startsWith('Onnx')) {
    return fail(
      'model.unsupported',
      `${index.path} describes an ONNX pipeline (${className}), and there is no unet/model.onnx beside it. Download the whole folder.`,
    );
  }
  const wanted = { unet: ['UNet2DConditionModel'], vae: ['AutoencoderKL', 'AutoencoderTiny'] } as const;
  for (const [name, kinds] of Object.entries(wanted)) {
    const entry = index.json[name];
    const found = Array.isArray(entry) ? entry[1] : undefined;
    if (!kinds.some((kind) => kind === found)) {
      const has = found ? `has a ${found} as its ${name}` : `has no ${name}`;
      return fail(
        'model.unsupported',
        `${index.path} describes ${className}, which ${has}; supported: ${kinds.join(', ')}. Choose a Stable Diffusion 1, 2 or XL model.`,
      );
    }
  }
  if (!hasComponent(index.json, 'text_encoder') && !hasComponent(index.json, 'text_encoder_2')) {
    return fail('model.unsupported', `${index.path} describes ${className}, which has no text encoder. Choose a text-to-image model.`);
  }
  return ok(undefined);
}

/** A pack's own title. */
async function readTitle(folder: string): Promise<string | undefined> {
  const path = join(folder, 'manifest.json');
  const manifest = existsSync(path) ? await readJsonFile(path) : undefined;
  const title = manifest?.ok ? manifest.value['title'] : undefined;
  return typeof title === 'string' ? title : undefined;
}

/** Says what a folder without model_index.json is, as far as its files tell. */
async function explainOtherFolder(folder: string): Promise<Result<never>> {
  const names = await readdir(folder);
  const start = `${folder} is not a model folder: it has no ${MODEL_INDEX}.`;
  const single = names.filter((name) => name.endsWith('.safetensors'));
  if (names.includes('config.json')) {
    const config = await readJsonFile(join(folder, 'config.json'));
    const kind = config.ok ? (config.value['_class_name'] ?? config.value['model_type'] ?? 'one network') : 'one network';
    return fail(
      'model.unsupported',
      `${start} It holds one part of a model (${String(kind)}). Choose the folder above it, with unet, vae and text_encoder.`,
    );
  }
  if (single.length > 0) {
    const some = single.slice(0, 3).join(', ');
    return fail('model.unsupported', `${start} It holds ${some}${single.length > 3 ? ', …' : ''}: choose one of these files instead.`);
  }
  const hub = names.includes('snapshots')
    ? ' It is a Hugging Face cache: choose the folder under snapshots.'
    : ' Choose a diffusers folder or a .safetensors file.';
  return fail('model.missing', start + hub);
}
