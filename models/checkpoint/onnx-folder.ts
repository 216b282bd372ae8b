import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { OnnxFile } from '../onnx/onnx-file.ts';
import { openOnnx } from '../onnx/open-onnx.ts';
import type { JsonObject } from '../read-json.ts';
import { tokenizerPaths } from '../tokenizers/tokenizer-files.ts';
import { assembleCheckpoint, type FoundComponent, type FoundTextEncoder } from './assemble.ts';
import type { Checkpoint, OnnxNetwork } from './checkpoint.ts';
import type { ConfigFile } from './config-values.ts';
import { describeTextEncoder, fingerprintSmallFile, readConfig, readModelIndex, readScheduler } from './diffusers-folder.ts';
import { inferOnnxTextConfig, inferOnnxUnetConfig, inferOnnxVaeConfig } from './onnx-configs.ts';

const MODEL = 'model.onnx';
const INDEX = 'model_index.json';

/** Whether a pipeline's networks come as ONNX graphs; a folder with both kinds of weights counts as safetensors. */
export function isOnnxFolder(folder: string): boolean {
  const unet = join(folder, 'unet');
  return (
    existsSync(join(folder, INDEX)) && existsSync(join(unet, MODEL)) && !readdirSync(unet).some((name) => name.endsWith('.safetensors'))
  );
}

/**
 * Opens a pipeline's folder whose networks are ONNX graphs, as diffusers' and optimum's converters write them. Where no config lies beside
 * a graph, what is needed is told from its inputs, outputs and constants.
 */
export async function openOnnxFolder(folder: string, modelsRoot: string): Promise<Result<Checkpoint>> {
  const index = await readConfig(join(folder, INDEX));
  if (!index.ok) return index;
  const modelIndex = readModelIndex(index.value);
  if (!modelIndex.ok) return modelIndex;
  const paths = [index.value.path];
  const fingerprints: string[] = [];

  const openFile = async (part: string): Promise<Result<OnnxFile>> => {
    const path = join(folder, part, MODEL);
    if (!existsSync(path)) {
      return fail('model.missing', `${folder} has no ${join(part, MODEL)}. Download it from where the model came from.`);
    }
    const opened = await openOnnx(path);
    if (opened.ok) fingerprints.push(opened.value.fingerprint);
    return opened;
  };
  const describe = async (part: string, network: OnnxNetwork, infer: () => Result<JsonObject>): Promise<Result<FoundComponent>> => {
    const path = join(folder, part, 'config.json');
    const config = existsSync(path) ? await readConfig(path) : asConfig(path, infer());
    if (!config.ok) return config;
    if (existsSync(path)) paths.push(path);
    return ok({ config: config.value, tensors: new Map(), onnx: network });
  };

  const unetFile = await openFile('unet');
  if (!unetFile.ok) return unetFile;
  const unet = await describe('unet', { model: unetFile.value }, () => inferOnnxUnetConfig(unetFile.value));
  if (!unet.ok) return unet;
  const isXl = unet.value.config.json['addition_embed_type'] === 'text_time';
  const vae = await openVae(openFile, describe, isXl, existsSync(join(folder, 'vae_encoder', MODEL)));
  if (!vae.ok) return vae;
  const textEncoders: FoundTextEncoder[] = [];
  for (const suffix of ['', '_2']) {
    if (!existsSync(join(folder, `text_encoder${suffix}`))) continue;
    const file = await openFile(`text_encoder${suffix}`);
    if (!file.ok) return file;
    const part = await describe(`text_encoder${suffix}`, { model: file.value }, () => inferOnnxTextConfig(file.value));
    if (!part.ok) return part;
    // model_index.json names the runtime's class and not the network's.
    const kinds: ConfigFile = { path: index.value.path, json: {} };
    const encoder = await describeTextEncoder(folder, suffix, part.value, kinds, modelsRoot);
    if (!encoder.ok) return encoder;
    paths.push(...tokenizerPaths(encoder.value.tokenizer));
    const withProjection = file.value.outputs.some(({ name }) => name === 'text_embeds');
    textEncoders.push({ ...encoder.value, withProjection });
  }
  if (textEncoders.length === 0) return fail('model.unsupported', `${folder} has no text encoder. Choose a text-to-image model.`);
  const scheduler = await readScheduler(folder);
  if (!scheduler.ok) return scheduler;
  if (scheduler.value !== undefined) paths.push(scheduler.value.path);
  return assembleCheckpoint({
    path: folder,
    name: basename(folder),
    title: undefined,
    layout: 'onnx',
    unet: unet.value,
    vae: vae.value,
    textEncoders,
    scheduler: scheduler.value,
    modelIndex: modelIndex.value,
    fingerprints: [...fingerprints, ...paths.map(fingerprintSmallFile)],
  });
}

async function openVae(
  openFile: (part: string) => Promise<Result<OnnxFile>>,
  describe: (part: string, network: OnnxNetwork, infer: () => Result<JsonObject>) => Promise<Result<FoundComponent>>,
  isXl: boolean,
  hasEncoder: boolean,
): Promise<Result<FoundComponent>> {
  const decoder = await openFile('vae_decoder');
  if (!decoder.ok) return decoder;
  const encoder = hasEncoder ? await openFile('vae_encoder') : undefined;
  if (encoder?.ok === false) return encoder;
  const network = { decoder: decoder.value, ...(encoder === undefined ? {} : { encoder: encoder.value }) };
  return describe('vae_decoder', network, () => inferOnnxVaeConfig(decoder.value, isXl));
}

function asConfig(path: string, json: Result<JsonObject>): Result<ConfigFile> {
  return json.ok ? ok({ path, json: json.value }) : json;
}
