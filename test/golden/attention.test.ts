import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { TextEquipment } from '../../host/runtime/encode-text.ts';
import { createAddOnFiles } from '../../host/runtime/open-add-ons.ts';
import { listAttentionLayers, openDenoiser } from '../../host/runtime/open-denoiser.ts';
import { createSessionStore } from '../../host/runtime/session-store.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import type { WeightSource } from '../../models/weights.ts';
import type { AttentionLayer, AttentionMaps, ModelRuntime } from '../../nodes/context.ts';
import { alignPrompts } from '../../nodes/sampling/attention/align-prompts.ts';
import type { AttentionGuide } from '../../nodes/sampling/attention/attention-guide.ts';
import { editAttention, pairRows } from '../../nodes/sampling/attention/edit-attention.ts';
import { findWords } from '../../nodes/sampling/attention/find-words.ts';
import { blendLayers } from '../../nodes/sampling/attention/local-blend.ts';
import { watchAttention } from '../../nodes/sampling/attention/watch-attention.ts';
import { runSampler } from '../../nodes/sampling/run-sampler.ts';
import type { ConditioningValue, TextTokens } from '../../nodes/socket-values.ts';
import { type Tensor, tensor, zeros } from '../../nodes/tensor.ts';
import { type FixtureTensor, float32Of, readJsonLines, readSafetensorsFile } from '../fixtures-reader.ts';
import { unwrap } from '../unwrap.ts';
import { PLAIN_SAMPLING } from './plain-sampling.ts';
import { differenceOf, weightsOf } from './run-graph.ts';
import { samplerContext } from './sampler-context.ts';
import { tinyModel } from './tiny-model.ts';

type Words = readonly (readonly [string, readonly number[]])[];

/** One line of attention/cases.jsonl (attention.py says what is in it). */
interface Case {
  readonly id: string;
  readonly unet: 'sd' | 'xl';
  readonly config: Readonly<Record<string, unknown>>;
  readonly scheduler: Readonly<Record<string, unknown>>;
  readonly edit: 'replace' | 'refine';
  readonly source: Words;
  readonly edited: Words;
  readonly guidance: number;
  readonly steps: number;
  readonly batch: number;
  readonly seed: string;
  readonly cross: number;
  readonly self: number;
  readonly most_cells: number;
  readonly weights: Readonly<Record<string, number>>;
  readonly word_steps: Readonly<Record<string, number>>;
  readonly blend: { readonly source: string; readonly edited: string; readonly threshold: number } | null;
  /** How far float64 is from float32. */
  readonly float64_difference: { readonly map: number; readonly latents: number };
  readonly tokens: { readonly rows: number; readonly start: number; readonly end: number };
}

type Recorded = ReadonlyMap<string, FixtureTensor>;

const folder = fileURLToPath(new URL('./attention/', import.meta.url));
const cases = readJsonLines<Case>(`${folder}cases.jsonl`).map((one) => [one.id, one] as const);
const sessions = createSessionStore({ device: 'cpu', threads: 1, onSessionTime: () => undefined });
const equipment: TextEquipment = {
  sessions,
  device: 'cpu',
  memory: 'streaming',
  tokenizers: new Map(),
  addOns: createAddOnFiles(),
  note: () => undefined,
};
afterAll(() => sessions.close());

describe('Prompt-to-Prompt on tiny networks', () => {
  it.each(cases)('%s goes through the states of a processor that holds all weights', async (id, one) => {
    const recorded = readSafetensorsFile(`${folder}${id}.safetensors`);
    const layers = unwrap(listAttentionLayers(await checkpointOf(one), sizeOf(recorded)));
    const edit = editOf(one, recorded, layers);
    const seen: AttentionMaps[] = [];
    const guide: AttentionGuide = {
      ...edit,
      use: { ...edit.use, maps: layers.map(({ name }) => name) },
      take(maps, place) {
        seen.push(maps);
        edit.take(maps, place);
      },
    };
    const states = await sample(one, recorded, guide, 2);
    for (const name of [...recorded.keys()].filter((key) => key.startsWith('out/map.'))) {
      const [, step = '', layer = ''] = /^out\/map\.(\d+)\.(.*)$/.exec(name) ?? [];
      const map = seen[Number(step)]?.get(layer);
      expect(map?.shape, name).toEqual(recorded.get(name)?.shape);
      expect(differenceOf(map?.data, float32Of(recorded, name)), name).toBeLessThan(allowed(one, 'map', 1e-5));
    }
    for (let step = 1; step <= one.steps; step++) {
      const most = allowed(one, 'latents', step === one.steps ? 5e-4 : 1e-4);
      expect(differenceOf(states[step], float32Of(recorded, `out/latents.${step}`)), `latents.${step}`).toBeLessThan(most);
    }
  });

  it.each(cases)('%s: texts are aligned as in Python', (id, one) => {
    const recorded = readSafetensorsFile(`${folder}${id}.safetensors`);
    const { mapper, alphas } = unwrap(alignPrompts('Test', one.edit, tokensOf(one, 'source'), tokensOf(one, 'edited'), one.tokens.rows));
    expect(differenceOf(alphas.data, float32Of(recorded, 'out/alphas'))).toBe(0);
    expect(differenceOf(mapper.data, float32Of(recorded, 'out/mapper'))).toBeLessThan(1e-7);
  });
});

describe('a watch', () => {
  it.each(cases.filter(([id]) => id === 'sd-refine' || id === 'xl-blend'))('%s: keeps what the source looks at', async (id, one) => {
    const recorded = readSafetensorsFile(`${folder}${id}.safetensors`);
    const layers = unwrap(listAttentionLayers(await checkpointOf(one), sizeOf(recorded)));
    const request = { layers, batch: one.batch, tokens: one.tokens.rows, start: 0, end: 1 };
    const each = watchAttention({ ...request, isMean: false });
    const mean = watchAttention({ ...request, isMean: true });
    const states = await sample(one, recorded, each, 1);
    await sample(one, recorded, mean, 1);
    const last = float32Of(recorded, `out/latents.${one.steps}`);
    expect(differenceOf(states[one.steps], last.subarray(0, last.length / 2))).toBeLessThan(allowed(one, 'latents', 5e-4));
    for (const [index, { name, maps }] of each.result().layers.entries()) {
      const want = float32Of(recorded, `out/map.${one.steps - 1}.${name}`);
      const size = maps.data.length / one.batch / one.steps;
      const lasts = Array.from({ length: one.batch }, (_, row) =>
        maps.data.subarray(((row + 1) * one.steps - 1) * size, (row + 1) * one.steps * size),
      );
      for (const [row, found] of lasts.entries()) {
        expect(differenceOf(found, want.subarray(row * size, (row + 1) * size)), name).toBeLessThan(allowed(one, 'map', 1e-5));
      }
      const sums = new Float32Array(size);
      for (let step = 0; step < one.steps; step++) {
        for (let at = 0; at < size; at++) sums[at] = (sums[at] ?? 0) + (maps.data[step * size + at] ?? 0) / one.steps;
      }
      expect(differenceOf(mean.result().layers[index]?.maps.data.subarray(0, size), sums), name).toBeLessThan(1e-6);
    }
  });
});

/** The fixtures' rule: the tolerance, or twenty times what float32 itself costs. */
function allowed({ float64_difference }: Case, kind: 'map' | 'latents', tolerance: number): number {
  return Math.max(tolerance, 20 * float64_difference[kind]);
}

function sizeOf(recorded: Recorded): { height: number; width: number } {
  const [, , height = 0, width = 0] = recorded.get('out/latents.1')?.shape ?? [];
  return { height, width };
}

function tokensOf(one: Case, which: 'source' | 'edited'): TextTokens {
  const { rows, start, end } = one.tokens;
  let next = 1;
  const words = one[which].map(([text, ids]) => ({ text, rows: ids.map(() => next++) }));
  const used = [start, ...one[which].flatMap(([, ids]) => ids), end];
  return { ids: [...used, ...new Array<number>(rows - used.length).fill(end)], used: used.length, words };
}

function editOf(one: Case, recorded: Recorded, layers: readonly AttentionLayer[]): AttentionGuide {
  const [source, edited] = [tokensOf(one, 'source'), tokensOf(one, 'edited')];
  const rowsOf = (tokens: TextTokens, word: string): readonly number[] => unwrap(findWords('Test', 'word', tokens, word)).rows;
  const { height, width } = sizeOf(recorded);
  return editAttention(
    {
      alignment: unwrap(alignPrompts('Test', one.edit, source, edited, one.tokens.rows)),
      crossShare: one.cross,
      tokenShares: Object.entries(one.word_steps).map(([word, share]) => ({ rows: rowsOf(edited, word), share })),
      weights: Object.entries(one.weights).map(([word, weight]) => ({ rows: rowsOf(edited, word), weight })),
      selfShare: one.self,
      mostCells: one.most_cells,
      blend:
        one.blend === null
          ? undefined
          : {
              layers: blendLayers(layers, height),
              sourceRows: rowsOf(source, one.blend.source),
              editedRows: rowsOf(edited, one.blend.edited),
              threshold: one.blend.threshold,
            },
    },
    [2 * one.batch, 4, height, width],
  );
}

/** The latents of a case before the first step and after each; `copies` 1: the source alone. */
async function sample(one: Case, recorded: Recorded, attention: AttentionGuide, copies: 1 | 2): Promise<Float32Array[]> {
  const { height, width } = sizeOf(recorded);
  const read = (name: string): Tensor => tensor(float32Of(recorded, `in/${name}`), recorded.get(`in/${name}`)?.shape ?? []);
  const family = one.unet === 'sd' ? 'sd15' : 'sdxl';
  const give = (kind: 'states' | 'pooled'): Tensor =>
    copies === 1 ? read(`${kind}.source`) : pairRows(read(`${kind}.source`), read(`${kind}.edited`), one.batch);
  const positive: ConditioningValue = {
    kind: 'conditioning',
    family,
    states: give('states'),
    ...(one.unet === 'xl' ? { pooled: give('pooled') } : {}),
  };
  const negative: ConditioningValue = {
    kind: 'conditioning',
    family,
    states: read('states.negative'),
    ...(one.unet === 'xl' ? { pooled: read('pooled.negative') } : {}),
  };
  const model = tinyModel(one);
  const checkpoint = await checkpointOf(one);
  const models: Pick<ModelRuntime, 'openDenoiser' | 'previewFactors'> = {
    openDenoiser: (_model, size) => openDenoiser(checkpoint, size, equipment),
    previewFactors: () => undefined,
  };
  const states: Float32Array[] = [];
  const sampled = await runSampler(
    {
      ...PLAIN_SAMPLING,
      model,
      positive,
      negative,
      latent: { kind: 'latent', samples: zeros([copies * one.batch, 4, height, width]), space: model.space },
      seed: one.seed,
      steps: one.steps,
      guidance: one.guidance,
      scheduler: one.scheduler,
      attention,
      copies,
      onLatents: (latents) => states.push(latents),
    },
    samplerContext(models as ModelRuntime), // a sampler asks for nothing else
  );
  unwrap(sampled);
  return states;
}

async function checkpointOf({ unet, config }: Case): Promise<Checkpoint> {
  const all = await weightsOf(`${folder}networks.safetensors`);
  const prefix = `${unet}/`;
  const weights: WeightSource = {
    get: (name) => all.get(prefix + name),
    names: () => [...all.names()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)),
  };
  return { name: unet, fingerprint: unet, unet: { config, weights } } as unknown as Checkpoint; // only its U-Net is asked for
}
