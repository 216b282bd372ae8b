import { ok, type Result } from '../../nodes/problem.ts';
import { combineFingerprints } from '../fingerprint.ts';
import { isJsonObject, type JsonObject } from '../read-json.ts';
import type { Checkpoint, CheckpointFamily, Component, ModelIndex, OnnxNetwork, TextEncoderComponent } from './checkpoint.ts';
import { type ConfigFile, readChoice, readSize } from './config-values.ts';
import { describeLatentSpace } from './latent-space.ts';
import { type TensorMap, weightSource } from './tensor-map.ts';

/** One network before it becomes part of a checkpoint. */
export interface FoundComponent {
  readonly config: ConfigFile;
  readonly tensors: TensorMap;
  readonly onnx?: OnnxNetwork;
}

/** A text encoder before it becomes part of a checkpoint. */
export interface FoundTextEncoder extends FoundComponent {
  readonly kind: TextEncoderComponent['kind'];
  readonly withProjection: boolean;
  readonly tokenizer: TextEncoderComponent['tokenizer'];
  /** `model_max_length` of its tokenizer, where the settings name one. */
  readonly tokenLimit: number | undefined;
}

/** Everything that was found of a checkpoint, from a folder or a single file. */
export interface FoundParts {
  readonly path: string;
  readonly name: string;
  /** How people call it where its family does not say. */
  readonly title: string | undefined;
  readonly layout: Checkpoint['layout'];
  readonly unet: FoundComponent;
  readonly vae: FoundComponent;
  readonly textEncoders: readonly FoundTextEncoder[];
  readonly scheduler: ConfigFile | undefined;
  readonly modelIndex: ModelIndex;
  /** One for each file that was used. */
  readonly fingerprints: readonly string[];
}

/** Draws the facts out of the configs that the rest of the program goes by, and makes the checkpoint. */
export function assembleCheckpoint(parts: FoundParts): Result<Checkpoint> {
  const { unet, vae, textEncoders, scheduler } = parts;
  const family = tellFamily(parts);
  const space = describeLatentSpace(vae.config, family);
  if (!space.ok) return space;
  const prediction = readChoice(
    scheduler ?? { path: parts.path, json: {} },
    'prediction_type',
    ['epsilon', 'v_prediction', 'sample'],
    'epsilon',
  );
  if (!prediction.ok) return prediction;
  const width = readConditioningWidth(unet.config);
  if (!width.ok) return width;
  const encoderWidth = readEncoderWidth(textEncoders);
  if (!encoderWidth.ok) return encoderWidth;
  const inChannels = readSize(unet.config, 'in_channels', 4);
  if (!inChannels.ok) return inChannels;
  const nativeSize = readNativeSize(unet.config, family, space.value.factor);
  if (!nativeSize.ok) return nativeSize;
  const tokens = countTokens(parts);
  if (!tokens.ok) return tokens;
  const projecting = textEncoders.findLast(({ withProjection }) => withProjection);
  const pooled = projecting === undefined ? undefined : readSize(projecting.config, 'projection_dim', 512);
  if (pooled?.ok === false) return pooled;
  return ok({
    path: parts.path,
    name: parts.name,
    layout: parts.layout,
    fingerprint: combineFingerprints(parts.fingerprints),
    family,
    label: describeFamily(family, parts.title ?? parts.name, inChannels.value > space.value.channels),
    predictionType: prediction.value,
    unet: componentOf(unet),
    vae: componentOf(vae),
    textEncoders: textEncoders.map((found) => {
      const { kind, withProjection, tokenizer } = found;
      return { kind, withProjection, tokenizer, ...componentOf(found) };
    }),
    scheduler: scheduler?.json,
    modelIndex: parts.modelIndex,
    latentSpace: space.value,
    nativeSize: nativeSize.value,
    encoderWidth: encoderWidth.value,
    conditioningWidth: width.value,
    pooledWidth: pooled?.value,
    tokens: tokens.value,
  });
}

function componentOf({ config, tensors, onnx }: FoundComponent): Component {
  return { config: config.json, weights: weightSource(tensors), ...(onnx === undefined ? {} : { onnx }) };
}

/** Width of `encoder_hidden_states`; where the U-Net projects them first, the width before. */
function readConditioningWidth(config: ConfigFile): Result<number> {
  const before = config.json['encoder_hid_dim'];
  if (typeof before === 'number') return readSize(config, 'encoder_hid_dim');
  const [first] = Array.isArray(config.json['cross_attention_dim']) ? config.json['cross_attention_dim'] : [];
  return readSize(first === undefined ? config : { ...config, json: { cross_attention_dim: first } }, 'cross_attention_dim', 1280);
}

/** Two encoders' states stand side by side. A whole CLIP model's config has the text's part apart. */
function readEncoderWidth(textEncoders: readonly FoundTextEncoder[]): Result<number> {
  let sum = 0;
  for (const { config, kind } of textEncoders) {
    const text = config.json['text_config'];
    const json = isJsonObject(text) ? text : config.json;
    const width = readSize({ ...config, json }, 'hidden_size', kind === 'bert' ? 768 : 512);
    if (!width.ok) return width;
    sum += width.value;
  }
  return ok(sum);
}

/** Pixels; like diffusers' pipelines, which give U-Nets without `sample_size` their family's. */
function readNativeSize(config: ConfigFile, family: CheckpointFamily, factor: number): Result<Checkpoint['nativeSize']> {
  const fallback = family === 'sdxl' || family === 'sdxl-refiner' ? 128 : 64;
  const value = config.json['sample_size'];
  const [tall, wide] = Array.isArray(value) ? value : [value, value];
  const height = readSize({ ...config, json: { sample_size: tall } }, 'sample_size', fallback);
  if (!height.ok) return height;
  const width = readSize({ ...config, json: { sample_size: wide } }, 'sample_size', fallback);
  if (!width.ok) return width;
  return ok({ width: width.value * factor, height: height.value * factor });
}

/** As many rows as model_index.json asks for, else as many as tokenizer and encoder both take. */
function countTokens({ textEncoders, modelIndex }: FoundParts): Result<number> {
  if (modelIndex.textConditioning !== undefined) return ok(modelIndex.textConditioning.maxLength);
  let tokens = Number.POSITIVE_INFINITY;
  for (const { config, kind, tokenLimit } of textEncoders) {
    const positions = readSize(config, 'max_position_embeddings', kind === 'bert' ? 512 : 77);
    if (!positions.ok) return positions;
    tokens = Math.min(tokens, positions.value, tokenLimit ?? positions.value);
  }
  return ok(tokens);
}

function tellFamily({ unet, textEncoders, modelIndex }: FoundParts): CheckpointFamily {
  const { json } = unet.config;
  const [first, second] = textEncoders;
  if (textEncoders.some(({ kind }) => kind !== 'clip-text') || first === undefined) return 'custom';
  if (json['addition_embed_type'] === 'text_time') {
    if (second !== undefined) return 'sdxl';
    return modelIndex.requiresAestheticsScore || modelIndex.className?.includes('XL') ? 'sdxl-refiner' : 'custom';
  }
  if (second !== undefined || modelIndex.textConditioning !== undefined || (json['addition_embed_type'] ?? null) !== null) return 'custom';
  // SD 2 reads OpenCLIP's text, whose activation is gelu; SD 1 OpenAI's, with quick_gelu.
  return isOpenClip(first.config.json) || json['use_linear_projection'] === true ? 'sd2' : 'sd15';
}

function isOpenClip(config: JsonObject): boolean {
  return config['hidden_act'] === 'gelu';
}

function describeFamily(family: CheckpointFamily, title: string, takesMask: boolean): string {
  const names = { sd15: 'SD 1.5', sd2: 'SD 2', sdxl: 'SDXL', 'sdxl-refiner': 'SDXL refiner', custom: title };
  return takesMask ? `${names[family]} inpainting` : names[family];
}
