import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeImagePrompt, ipAdapterValueOf, preparePicture } from '../../host/runtime/encode-image-prompt.ts';
import type { TextEquipment } from '../../host/runtime/encode-text.ts';
import { createAddOnFiles } from '../../host/runtime/open-add-ons.ts';
import { openDenoiser } from '../../host/runtime/open-denoiser.ts';
import { createSessionStore } from '../../host/runtime/session-store.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import { openClipVision } from '../../models/clip-vision/open-clip-vision.ts';
import { openIpAdapter } from '../../models/ip-adapter/open-ip-adapter.ts';
import type { WeightSource } from '../../models/weights.ts';
import type { ModelRuntime } from '../../nodes/context.ts';
import { runSampler } from '../../nodes/sampling/run-sampler.ts';
import type { ConditioningValue, ImagePromptValue } from '../../nodes/socket-values.ts';
import { type Tensor, tensor, zeros } from '../../nodes/tensor.ts';
import { type FixtureTensor, float32Of, readJsonLines, readSafetensorsFile } from '../fixtures-reader.ts';
import { unwrap } from '../unwrap.ts';
import { PLAIN_SAMPLING } from './plain-sampling.ts';
import { differenceOf, weightsOf } from './run-graph.ts';
import { samplerContext } from './sampler-context.ts';
import { tinyModel } from './tiny-model.ts';

type Json = Readonly<Record<string, unknown>>;

interface IpAdapterCase {
  readonly id: string;
  readonly unet: 'sd' | 'xl';
  readonly unet_config: Json;
  /** Where the U-Net's weights are in networks.safetensors. */
  readonly weights: string;
  readonly encoder: string;
  readonly adapters: readonly { readonly file: string; readonly scale: number; readonly start?: number; readonly end?: number }[];
  readonly guidance: number;
  readonly steps: number;
  readonly batch: number;
  readonly seed: string;
  readonly scheduler: Json;
}

const folder = fileURLToPath(new URL('./ip-adapter/', import.meta.url));
const cases = readJsonLines<IpAdapterCase>(`${folder}cases.jsonl`);
const sessions = createSessionStore({ device: 'cpu', threads: 1, onSessionTime: () => undefined });
const addOns = createAddOnFiles();
const equipment: TextEquipment = { sessions, device: 'cpu', memory: 'streaming', tokenizers: new Map(), addOns, note: () => undefined };
afterAll(() => sessions.close());

type Recorded = ReadonlyMap<string, FixtureTensor>;

const read = (recorded: Recorded, name: string): Tensor => tensor(float32Of(recorded, name), recorded.get(name)?.shape ?? []);

/** uint8 [height, width, 3] as float32 [1, 3, height, width] in 0…1. */
function pictureOf(recorded: Recorded, name: string): Tensor {
  const { data, shape } = read(recorded, name);
  const [height = 0, width = 0] = shape;
  const plane = height * width;
  const values = Float32Array.from({ length: 3 * plane }, (_, at) => (data[(at % plane) * 3 + Math.floor(at / plane)] ?? 0) / 255);
  return tensor(values, [1, 3, height, width]);
}

/** What the adapters of a case look at, made here. */
async function lookAtPictures({ adapters, encoder }: IpAdapterCase, recorded: Recorded): Promise<ImagePromptValue[]> {
  const vision = unwrap(await openClipVision(folder + encoder));
  const prompts: ImagePromptValue[] = [];
  for (const [index, { file, scale, start = 0, end = 1 }] of adapters.entries()) {
    const adapter = unwrap(await openIpAdapter(`${folder}${file}.safetensors`));
    const { handle } = unwrap(ipAdapterValueOf(adapter, vision));
    const tokens = unwrap(await encodeImagePrompt(adapter, vision, pictureOf(recorded, `in/picture${index}`), equipment));
    prompts.push({ ipAdapter: handle, ...tokens, strength: scale, start, end });
  }
  return prompts;
}

describe('pictures as an IP-Adapter sees them', () => {
  it.each(cases)('$id: resized, cut and normalised as CLIP was trained', async (one) => {
    const recorded = readSafetensorsFile(`${folder}${one.id}.safetensors`);
    const want = read(recorded, 'out/pixels');
    const got = preparePicture(pictureOf(recorded, 'in/picture0'), want.shape[2] ?? 0);
    expect(got.shape).toEqual(want.shape);
    expect(differenceOf(got.data, want.data)).toBeLessThanOrEqual(1e-5);
  });

  it.each(cases)('$id: encoded to diffusers’ tokens, and to those of no picture', async (one) => {
    const recorded = readSafetensorsFile(`${folder}${one.id}.safetensors`);
    for (const [index, { tokens, without }] of (await lookAtPictures(one, recorded)).entries()) {
      expect(differenceOf(tokens.data, float32Of(recorded, `out/tokens${index}`))).toBeLessThanOrEqual(1e-4);
      expect(differenceOf(without.data, float32Of(recorded, `out/without${index}`))).toBeLessThanOrEqual(1e-4);
    }
  });
});

describe('pipelines with IP-Adapters', () => {
  it.each(cases)('$id goes through diffusers’ states', async (one) => {
    const recorded = readSafetensorsFile(`${folder}${one.id}.safetensors`);
    const states: Float32Array[] = [];
    const model = tinyModel(one);
    const all = await weightsOf(`${folder}networks.safetensors`);
    const weights: WeightSource = { get: (name) => all.get(`${one.weights}/${name}`), names: () => [] };
    // Only its U-Net is asked for.
    const checkpoint = { name: one.id, fingerprint: one.id, unet: { config: one.unet_config, weights } } as unknown as Checkpoint;
    const models: Pick<ModelRuntime, 'openDenoiser' | 'previewFactors'> = {
      openDenoiser: (_model, size) => openDenoiser(checkpoint, size, equipment),
      previewFactors: () => undefined,
    };
    const conditioning = (prefix: '' | 'negative_'): ConditioningValue => ({
      kind: 'conditioning',
      family: model.family,
      states: read(recorded, `in/${prefix}prompt_embeds`),
      ...(one.unet === 'sd' ? {} : { pooled: read(recorded, `in/${prefix}pooled_prompt_embeds`) }),
    });
    const sampled = await runSampler(
      {
        ...PLAIN_SAMPLING,
        model,
        latent: { kind: 'latent', samples: zeros([one.batch, 4, 6, 8]), space: model.space },
        positive: { ...conditioning(''), imagePrompts: await lookAtPictures(one, recorded) },
        negative: conditioning('negative_'),
        seed: one.seed,
        steps: one.steps,
        guidance: one.guidance,
        scheduler: one.scheduler,
        onLatents: (latents) => states.push(latents),
      },
      samplerContext(models as ModelRuntime), // a sampler asks for nothing else
    );
    unwrap(sampled);
    for (let step = 1; step <= one.steps; step++) {
      expect(differenceOf(states[step], float32Of(recorded, `out/latents.${step}`)), `latents.${step}`).toBeLessThanOrEqual(1e-4);
    }
  });
});
