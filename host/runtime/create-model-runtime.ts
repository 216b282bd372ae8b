import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { parseAutoencoderKlConfig } from '../../models/architectures/autoencoder-kl-config.ts';
import { parseUnet2dConditionConfig } from '../../models/architectures/unet-2d-condition-config.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import { openClipVision } from '../../models/clip-vision/open-clip-vision.ts';
import { openControlNet as openControlNetFile } from '../../models/controlnet/open-controlnet.ts';
import { encoderBeside } from '../../models/ip-adapter/encoder-beside.ts';
import { openOnnx } from '../../models/onnx/open-onnx.ts';
import type { Tokenizer } from '../../models/tokenizers/tokenizer.ts';
import { describeVae, openVae } from '../../models/vae/open-vae.ts';
import { ok, type Result } from '../../nodes/problem.ts';
import type { CheckpointHandle, ModelValue, TextEncoderValue, VaeValue } from '../../nodes/socket-values.ts';
import type { ClosableRuntime, RuntimeOptions } from '../evaluator/start-evaluator.ts';
import { applyLora } from './apply-lora.ts';
import { type Autoencoder, autoencoderOf, decodeLatents, encodePictures } from './autoencoder.ts';
import { createCheckpointStore } from './checkpoint-store.ts';
import { modelValueOf, ownVaeValueOf, textEncoderValueOf, vaeValueOf } from './checkpoint-values.ts';
import { chooseDevice } from './choose-device.ts';
import { addEmbedding } from './embedding-uses.ts';
import { encodeImagePrompt, explainNoEncoder, ipAdapterValueOf } from './encode-image-prompt.ts';
import { encodeText, type TextEquipment } from './encode-text.ts';
import { createFileStore } from './file-store.ts';
import { createAddOnFiles } from './open-add-ons.ts';
import { controlNetValueOf, openControlNet } from './open-control-net.ts';
import { listAttentionLayers, openDenoiser } from './open-denoiser.ts';
import { openPictureNetwork } from './open-picture-network.ts';
import { openUpscaler } from './open-upscaler.ts';
import { findPreviewFactors } from './preview-factors.ts';
import { readOnce } from './read-once.ts';
import { createSessionStore, type SessionStore } from './session-store.ts';

/** Answers what nodes ask of models, with onnxruntime sessions on the device that was asked for. */
export function createModelRuntime(options: RuntimeOptions): ClosableRuntime {
  const tokenizers = new Map<string, Tokenizer>();
  const addOns = createAddOnFiles();
  let sessions: SessionStore | undefined;
  let equipment: Promise<TextEquipment> | undefined;
  const prepare = async (): Promise<TextEquipment> => {
    const { device, threads } = await chooseDevice(options);
    sessions = createSessionStore({ device, threads, onSessionTime: (ms) => options.onSessionTime?.(ms) });
    return {
      sessions,
      device,
      memory: options.memory,
      tokenizers,
      addOns,
      unetConfig: readOnce(parseUnet2dConditionConfig),
      vaeConfig: readOnce(parseAutoencoderKlConfig),
      note: (message) => options.note(message),
    };
  };
  // The device is looked for when it is first needed: a run that takes everything from the cache needs none.
  const equip = (): Promise<TextEquipment> => {
    equipment ??= prepare();
    return equipment;
  };
  const checkpoints = createCheckpointStore(async (oldFingerprint) => {
    for (const key of [...tokenizers.keys()]) if (key.startsWith(oldFingerprint)) tokenizers.delete(key);
    await sessions?.drop(oldFingerprint);
  });
  /** What a checkpoint is to nodes, which takes longer to describe than to find. */
  const values = new WeakMap<Checkpoint, { model: ModelValue; textEncoder: TextEncoderValue; vae: VaeValue }>();
  const controlNets = createFileStore(openControlNetFile, async (oldFingerprint) => sessions?.drop(oldFingerprint));
  const visionEncoders = createFileStore(openClipVision, async (oldFingerprint) => sessions?.drop(oldFingerprint));
  const vaes = createFileStore(openVae, async (oldFingerprint) => sessions?.drop(oldFingerprint));
  const findVae = async ({ checkpoint: handle, own }: VaeValue): Promise<Result<Autoencoder>> => {
    if (own === undefined) {
      const checkpoint = await checkpoints.find(handle);
      return checkpoint.ok ? ok(autoencoderOf(checkpoint.value)) : checkpoint;
    }
    const vae = await vaes.find(handle);
    if (!vae.ok) return vae;
    const described = describeVae(vae.value, own);
    return described.ok ? ok({ ...vae.value, config: described.value.config }) : described;
  };

  return {
    async open(reference, configPath) {
      const path = await options.locate(reference);
      if (!path.ok) return path;
      const config = configPath === null ? ok(null) : await options.locate(configPath);
      if (!config.ok) return config;
      const checkpoint = await checkpoints.open(path.value, config.value, options.seen?.(reference, configPath));
      if (!checkpoint.ok) return checkpoint;
      const before = values.get(checkpoint.value);
      if (before !== undefined) return ok(before);
      const { name, fingerprint } = checkpoint.value;
      const handle: CheckpointHandle = {
        path: path.value,
        ...(config.value === null ? {} : { configPath: config.value }),
        name,
        fingerprint,
      };
      const model = modelValueOf(checkpoint.value, handle);
      if (!model.ok) return model;
      const made = {
        model: model.value,
        textEncoder: textEncoderValueOf(checkpoint.value, handle),
        vae: vaeValueOf(checkpoint.value, handle),
      };
      values.set(checkpoint.value, made);
      return ok(made);
    },
    async encodeText(encoder, request) {
      const checkpoint = await checkpoints.find(encoder.checkpoint);
      return checkpoint.ok ? encodeText(checkpoint.value, encoder, request, await equip()) : checkpoint;
    },
    async openDenoiser(model, size) {
      const checkpoint = await checkpoints.find(model.checkpoint);
      return checkpoint.ok ? openDenoiser(checkpoint.value, size, await equip(), model.loras) : checkpoint;
    },
    async attentionLayers(model, size) {
      const checkpoint = await checkpoints.find(model.checkpoint);
      return checkpoint.ok ? listAttentionLayers(checkpoint.value, size) : checkpoint;
    },
    async applyLora({ reference, strength, textStrength }, { model, textEncoder }) {
      const path = await options.locate(reference);
      if (!path.ok) return path;
      const lora = await addOns.loras.open(path.value);
      if (!lora.ok) return lora;
      const modelCheckpoint = await checkpoints.find(model.checkpoint);
      if (!modelCheckpoint.ok) return modelCheckpoint;
      const encoder = textEncoder ?? textEncoderValueOf(modelCheckpoint.value, model.checkpoint);
      const textCheckpoint = await checkpoints.find(encoder.checkpoint);
      if (!textCheckpoint.ok) return textCheckpoint;
      const targets = { model, modelCheckpoint: modelCheckpoint.value, textEncoder: encoder, textCheckpoint: textCheckpoint.value };
      return applyLora(lora.value, { strength, textStrength }, targets, addOns.loras);
    },
    async addEmbedding({ reference, token }, to) {
      const path = await options.locate(reference);
      if (!path.ok) return path;
      const embedding = await addOns.embeddings.open(path.value);
      if (!embedding.ok) return embedding;
      const checkpoint = await checkpoints.find(to.checkpoint);
      return checkpoint.ok ? addEmbedding(embedding.value, token, to, checkpoint.value) : checkpoint;
    },
    async textEncoderOf(model) {
      const checkpoint = await checkpoints.find(model.checkpoint);
      return checkpoint.ok ? ok(textEncoderValueOf(checkpoint.value, model.checkpoint)) : checkpoint;
    },
    async loadControlNet(reference) {
      const path = await options.locate(reference);
      if (!path.ok) return path;
      const opened = await controlNets.open(path.value);
      return opened.ok ? ok(controlNetValueOf(opened.value)) : opened;
    },
    async openControlNet(value, model, size) {
      const controlNet = await controlNets.find(value.handle);
      if (!controlNet.ok) return controlNet;
      const checkpoint = await checkpoints.find(model.checkpoint);
      return checkpoint.ok ? openControlNet(controlNet.value, checkpoint.value, size, await equip()) : checkpoint;
    },
    async loadVae(reference, choice) {
      const path = await options.locate(reference);
      if (!path.ok) return path;
      const opened = await vaes.open(path.value);
      return opened.ok ? ownVaeValueOf(opened.value, choice) : opened;
    },
    async loadIpAdapter(reference, wanted) {
      const path = await options.locate(reference);
      if (!path.ok) return path;
      const adapter = await addOns.ipAdapters.open(path.value);
      if (!adapter.ok) return adapter;
      const beside = encoderBeside(path.value);
      if (wanted === null && !existsSync(beside)) return explainNoEncoder(adapter.value.name, beside);
      const place = await options.locate(wanted ?? beside);
      if (!place.ok) return place;
      const encoder = await visionEncoders.open(place.value);
      return encoder.ok ? ipAdapterValueOf(adapter.value, encoder.value) : encoder;
    },
    async encodeImagePrompt(value, image) {
      const adapter = await addOns.ipAdapters.find(value.handle);
      if (!adapter.ok) return adapter;
      const encoder = await visionEncoders.find(value.encoder);
      return encoder.ok ? encodeImagePrompt(adapter.value, encoder.value, image, await equip()) : encoder;
    },
    async decode(value, latents) {
      const vae = await findVae(value);
      return vae.ok ? decodeLatents(vae.value, latents, await equip()) : vae;
    },
    async encode(value, image) {
      const vae = await findVae(value);
      return vae.ok ? encodePictures(vae.value, image, await equip()) : vae;
    },
    async openUpscaler(reference) {
      const path = await options.locate(reference);
      return path.ok ? openUpscaler(path.value, await equip()) : path;
    },
    async openPictureNetwork(reference, output) {
      const path = await options.locate(reference);
      if (!path.ok) return path;
      const file = await openOnnx(path.value);
      return file.ok ? openPictureNetwork(file.value, basename(path.value), output, await equip()) : file;
    },
    previewFactors: (spaceId) => findPreviewFactors(spaceId, checkpoints.all()),
    async close() {
      await sessions?.close();
    },
  };
}
