import { setImmediate } from 'node:timers/promises';
import { Cancelled, type CancelSignal } from '../../nodes/cancelled.ts';
import type { Denoiser, ModelRuntime, OpenControlNet, PictureNetwork, Upscaler } from '../../nodes/context.ts';

/**
 * So long a run may go on without a look at what its host says. Passes that are shorter let messages in by themselves, each before it
 * begins, and a turn of the event loop more for each of them adds up.
 */
const BREATH_INTERVAL_MS = 100;

/** The signal of one run and the switch that sets it. */
export interface RunSignal extends CancelSignal {
  cancel(): void;
  /** Lets waiting messages in, unless that was done a moment ago, then stops if one of them cancelled the run. */
  takeBreath(): Promise<void> | undefined;
}

/** A signal that is not set yet. Model calls block the event loop, so breaths are a cancel's only chance. */
export function createRunSignal(): RunSignal {
  let isCancelled = false;
  let breathedMs = performance.now();
  const throwIfCancelled = (): void => {
    if (isCancelled) throw new Cancelled();
  };
  const breathe = async (): Promise<void> => {
    await setImmediate();
    breathedMs = performance.now();
    throwIfCancelled();
  };
  return {
    get cancelled() {
      return isCancelled;
    },
    cancel() {
      isCancelled = true;
    },
    throwIfCancelled,
    takeBreath() {
      throwIfCancelled();
      return performance.now() - breathedMs < BREATH_INTERVAL_MS ? undefined : breathe();
    },
  };
}

/** The same models, but no call begins once the run is cancelled. */
export function watchModels(models: ModelRuntime, signal: Pick<RunSignal, 'takeBreath'>): ModelRuntime {
  const watched =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>): ((...args: A) => Promise<R>) =>
    async (...args) => {
      const breath = signal.takeBreath();
      if (breath !== undefined) await breath;
      return call(...args);
    };
  const watchDenoiser = (denoiser: Denoiser): Denoiser => ({ predict: watched((input) => denoiser.predict(input)) });
  const watchControlNet = (open: OpenControlNet): OpenControlNet => ({ predict: watched((input) => open.predict(input)) });
  const watchUpscaler = (upscaler: Upscaler): Upscaler => ({ scale: upscaler.scale, upscale: watched((image) => upscaler.upscale(image)) });
  const watchNetwork = (network: PictureNetwork): PictureNetwork => ({ ...network, run: watched((picture) => network.run(picture)) });
  return {
    open: watched((reference, configPath) => models.open(reference, configPath)),
    encodeText: watched((encoder, request) => models.encodeText(encoder, request)),
    openDenoiser: watched(async (model, size) => {
      const opened = await models.openDenoiser(model, size);
      return opened.ok ? { ok: true, value: watchDenoiser(opened.value) } : opened;
    }),
    attentionLayers: watched((model, size) => models.attentionLayers(model, size)),
    applyLora: watched((lora, to) => models.applyLora(lora, to)),
    addEmbedding: watched((embedding, to) => models.addEmbedding(embedding, to)),
    textEncoderOf: watched((model) => models.textEncoderOf(model)),
    loadControlNet: watched((reference) => models.loadControlNet(reference)),
    openControlNet: watched(async (controlNet, model, size) => {
      const opened = await models.openControlNet(controlNet, model, size);
      return opened.ok ? { ok: true, value: watchControlNet(opened.value) } : opened;
    }),
    loadIpAdapter: watched((reference, encoder) => models.loadIpAdapter(reference, encoder)),
    encodeImagePrompt: watched((ipAdapter, image) => models.encodeImagePrompt(ipAdapter, image)),
    decode: watched((vae, latents) => models.decode(vae, latents)),
    encode: watched((vae, image) => models.encode(vae, image)),
    loadVae: watched((reference, space) => models.loadVae(reference, space)),
    openUpscaler: watched(async (reference) => {
      const opened = await models.openUpscaler(reference);
      return opened.ok ? { ok: true, value: watchUpscaler(opened.value) } : opened;
    }),
    openPictureNetwork: watched(async (reference, output) => {
      const opened = await models.openPictureNetwork(reference, output);
      return opened.ok ? { ok: true, value: watchNetwork(opened.value) } : opened;
    }),
    previewFactors: (spaceId) => models.previewFactors(spaceId),
  };
}
