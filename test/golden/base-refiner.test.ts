import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { TextEquipment } from '../../host/runtime/encode-text.ts';
import { createAddOnFiles } from '../../host/runtime/open-add-ons.ts';
import { openDenoiser } from '../../host/runtime/open-denoiser.ts';
import { createSessionStore } from '../../host/runtime/session-store.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import type { ModelRuntime } from '../../nodes/context.ts';
import { repeatPictures } from '../../nodes/latent/repeat-rows.ts';
import { ok } from '../../nodes/problem.ts';
import { sampler } from '../../nodes/sampling/sampler.ts';
import type { ConditioningValue, LatentValue, ModelValue } from '../../nodes/socket-values.ts';
import { type Tensor, tensor, zeros } from '../../nodes/tensor.ts';
import { outputsOf } from '../contracts/run-example.ts';
import { type FixtureTensor, float32Of, readJsonLines, readSafetensorsFile } from '../fixtures-reader.ts';
import { differenceOf, weightsOf } from './run-graph.ts';

/** One pipeline of a case. */
interface Part {
  readonly pipe: 'base' | 'refiner';
  readonly start?: number;
  readonly end?: number;
  readonly strength?: number;
  readonly seed: string | readonly string[];
  readonly guidance: number;
  /** Those that it called the U-Net at. */
  readonly timesteps: readonly number[];
}

interface SplitCase {
  readonly id: string;
  readonly batch: number;
  readonly steps: number;
  readonly scheduler: ModelValue['scheduler'];
  readonly parts: readonly Part[];
}

const folder = fileURLToPath(new URL('./base-refiner/', import.meta.url));
const cases = readJsonLines<SplitCase>(`${folder}cases.jsonl`);
// base_refiner.py wrote a U-Net's config for each of the two.
const configs = JSON.parse(readFileSync(`${folder}unets.json`, 'utf8')) as Record<Part['pipe'], Readonly<Record<string, unknown>>>;
const sessions = createSessionStore({ device: 'cpu', threads: 1, onSessionTime: () => undefined });
const addOns = createAddOnFiles();
const equipment: TextEquipment = { sessions, device: 'cpu', memory: 'streaming', tokenizers: new Map(), addOns, note: () => undefined };
afterAll(() => sessions.close());

function modelOf(pipe: Part['pipe'], scheduler: ModelValue['scheduler']): ModelValue {
  return {
    kind: 'model',
    checkpoint: { path: '', name: pipe, fingerprint: pipe },
    family: pipe === 'base' ? 'sdxl' : 'sdxl-refiner',
    prediction: 'epsilon',
    space: { id: 'sdxl', label: 'SDXL', channels: 4, factor: 8 },
    inChannels: 4,
    conditioningWidth: pipe === 'base' ? 6 : 10,
    scheduler,
    timeIds: pipe === 'base' ? 6 : 5,
    guidanceEmbeddingWidth: 0,
    nativeWidthPx: 64,
    nativeHeightPx: 48,
  };
}

/** A runtime of the two U-Nets alone, which notes the timesteps that they are called at. */
async function watchUnets(called: number[]): Promise<ModelRuntime> {
  const all = await weightsOf(`${folder}networks.safetensors`);
  const models: Pick<ModelRuntime, 'openDenoiser' | 'previewFactors'> = {
    async openDenoiser({ checkpoint: { name, fingerprint } }, size) {
      const config = configs[name === 'base' ? 'base' : 'refiner'];
      const weights = { get: (at: string) => all.get(`${name}/${at}`), names: () => [] };
      // Only its U-Net is asked for.
      const opened = await openDenoiser({ name, fingerprint, unet: { config, weights } } as unknown as Checkpoint, size, equipment);
      if (!opened.ok) return opened;
      return ok({
        predict(input) {
          called.push(input.timestep);
          return opened.value.predict(input);
        },
      });
    },
    previewFactors: () => undefined,
  };
  return models as ModelRuntime; // a sampler asks for nothing else
}

type Recorded = ReadonlyMap<string, FixtureTensor>;

const read = (recorded: Recorded, name: string): Tensor => tensor(float32Of(recorded, name), recorded.get(name)?.shape ?? []);

/** What the first part begins with: a blank canvas, or one picture. */
function firstLatent({ batch }: SplitCase, recorded: Recorded, space: ModelValue['space']): LatentValue {
  if (!recorded.has('in/mean')) return { kind: 'latent', samples: zeros([batch, 4, 6, 8]), space };
  const [mean, std] = [read(recorded, 'in/mean'), read(recorded, 'in/std')];
  return repeatPictures({ kind: 'latent', samples: mean, space, posterior: { mean, std } }, batch);
}

describe('SDXL base and refiner on one noise schedule', () => {
  it.each(cases)('$id: each calls its U-Net where diffusers does, and gives its latents', async (one) => {
    const recorded = readSafetensorsFile(`${folder}${one.id}.safetensors`);
    let latent: LatentValue | undefined;
    for (const [index, { pipe, start = 0, end = 1, strength = 1, seed, guidance, timesteps }] of one.parts.entries()) {
      const model = modelOf(pipe, one.scheduler);
      const text = (prefix: '' | 'negative_'): ConditioningValue => ({
        kind: 'conditioning',
        family: model.family,
        states: read(recorded, `in/${pipe}/${prefix}prompt_embeds`),
        pooled: read(recorded, `in/${pipe}/${prefix}pooled_prompt_embeds`),
      });
      const called: number[] = [];
      latent ??= firstLatent(one, recorded, model.space);
      const params = { seed, guidance, strength, steps: one.steps, denoisingStart: start, denoisingEnd: end };
      const inputs = { model, positive: text(''), negative: text('negative_'), latent };
      const drawn = await outputsOf(sampler, { inputs, params, models: await watchUnets(called) });
      expect(called).toHaveLength(timesteps.length);
      for (const [at, want] of timesteps.entries())
        expect(Math.abs((called[at] ?? 0) - want)).toBeLessThanOrEqual(3e-6 * Math.max(1, want));
      latent = drawn['latent'] as LatentValue; // what the node declares
      const want = read(recorded, `out/${index}`);
      expect(latent.samples.shape).toEqual(want.shape);
      expect(differenceOf(latent.samples.data, want.data), `part ${index}`).toBeLessThanOrEqual(1e-4);
    }
  });
});
