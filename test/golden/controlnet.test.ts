import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { TextEquipment } from '../../host/runtime/encode-text.ts';
import { createAddOnFiles } from '../../host/runtime/open-add-ons.ts';
import { controlNetValueOf, openControlNet } from '../../host/runtime/open-control-net.ts';
import { openDenoiser } from '../../host/runtime/open-denoiser.ts';
import { createSessionStore } from '../../host/runtime/session-store.ts';
import type { BuiltGraph } from '../../models/architectures/built-graph.ts';
import { buildControlNet } from '../../models/architectures/controlnet.ts';
import { parseControlNetConfig } from '../../models/architectures/controlnet-config.ts';
import { buildT2iAdapter } from '../../models/architectures/t2i-adapter.ts';
import { adapterFactor, parseT2iAdapterConfig } from '../../models/architectures/t2i-adapter-config.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import type { ControlModel } from '../../models/controlnet/open-controlnet.ts';
import type { BuildOptions } from '../../models/onnx/build-options.ts';
import type { LoadingMode } from '../../models/onnx/session-options.ts';
import type { WeightSource } from '../../models/weights.ts';
import type { ControlResiduals, EvaluateContext, ModelRuntime } from '../../nodes/context.ts';
import { ok } from '../../nodes/problem.ts';
import { runSampler } from '../../nodes/sampling/run-sampler.ts';
import type { ConditioningValue, ControlValue } from '../../nodes/socket-values.ts';
import { type Tensor, tensor, zeros } from '../../nodes/tensor.ts';
import { type FixtureTensor, float32Of, readJsonLines, readSafetensorsFile } from '../fixtures-reader.ts';
import { unwrap } from '../unwrap.ts';
import { PLAIN_SAMPLING } from './plain-sampling.ts';
import { differenceOf, runGraph, weightsOf } from './run-graph.ts';
import { samplerContext } from './sampler-context.ts';
import { tinyModel } from './tiny-model.ts';

type Json = Readonly<Record<string, unknown>>;

interface NetworkCase {
  readonly id: string;
  readonly kind: 'controlnet' | 't2iAdapter';
  readonly config: Json;
}

interface PipelineCase {
  readonly id: string;
  readonly kind: 'pipeline';
  readonly unet: 'sd' | 'xl' | 'xl-levels';
  readonly unet_config: Json;
  /** Where the U-Net's weights are in networks.safetensors. */
  readonly weights: string;
  readonly controls: readonly {
    readonly adapter?: true;
    readonly config: Json;
    readonly weights: string;
    readonly scale: number;
    readonly start: number;
    readonly end: number;
  }[];
  readonly guess: boolean;
  readonly guidance: number;
  readonly steps: number;
  readonly batch: number;
  readonly seed: string;
  readonly scheduler: Json;
  /** How many times each ControlNet adds something; 0 for T2I-Adapters. */
  readonly calls: readonly number[];
}

const folder = fileURLToPath(new URL('./controlnet/', import.meta.url));
const cases = readJsonLines<NetworkCase | PipelineCase>(`${folder}cases.jsonl`);
const networks = cases.filter((one) => one.kind !== 'pipeline');
const weightsFile = `${folder}networks.safetensors`;
const pipelines = cases.filter((one) => one.kind === 'pipeline');

/** The tensors of a file under a prefix. */
async function weightsUnder(path: string, prefix: string): Promise<WeightSource> {
  const all = await weightsOf(path);
  const names = [...all.names()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return { get: (name) => all.get(prefix + name), names: () => names };
}

describe('tiny ControlNets and T2I-Adapters of every configuration', () => {
  const expectAgreement = async ({ id, kind, config }: NetworkCase, options: BuildOptions, mode: LoadingMode): Promise<void> => {
    const path = `${folder}${id}.safetensors`;
    const recorded = readSafetensorsFile(path);
    const read = (name: string) => ({ data: float32Of(recorded, name), shape: recorded.get(name)?.shape ?? [] });
    const weights = await weightsUnder(path, 'weights/');
    const build = (): BuiltGraph => {
      if (kind === 'controlnet') {
        const [, , height = 0, width = 0] = read('in/sample').shape;
        return unwrap(buildControlNet(unwrap(parseControlNetConfig(config)), weights, { height, width }, options));
      }
      const parsed = unwrap(parseT2iAdapterConfig(config));
      const [, , heightPx = 0, widthPx = 0] = read('in/picture').shape;
      const size = { height: heightPx / adapterFactor(parsed), width: widthPx / adapterFactor(parsed) };
      return unwrap(buildT2iAdapter(parsed, weights, size, options));
    };
    const graph = build();
    const feeds = Object.fromEntries(graph.inputs.map(({ name }) => [name, read(`in/${name}`)]));
    const got = await runGraph(graph, feeds, mode);
    const outputs = [...recorded.keys()].filter((name) => name.startsWith('out/')).map((name) => name.slice('out/'.length));
    expect(Object.keys(got).sort()).toEqual(outputs.sort());
    for (const name of outputs) expect(differenceOf(got[name], read(`out/${name}`).data), name).toBeLessThanOrEqual(1e-4);
  };

  it.each(networks)('$id gives what diffusers gives', async (one) => {
    await expectAgreement(one, { device: 'cpu' }, 'streaming');
  });

  it.each(networks)('$id gives the same without fused attention and with resident weights', async (one) => {
    await expectAgreement(one, { device: 'cpu', attention: 'plain' }, 'resident');
  });
});

describe('pipelines with ControlNets or T2I-Adapters', () => {
  const sessions = createSessionStore({ device: 'cpu', threads: 1, onSessionTime: () => undefined });
  const addOns = createAddOnFiles();
  const equipment: TextEquipment = { sessions, device: 'cpu', memory: 'streaming', tokenizers: new Map(), addOns, note: () => undefined };
  afterAll(() => sessions.close());

  it.each(pipelines)('$id goes through diffusers’ states', async (one) => {
    const path = `${folder}${one.id}.safetensors`;
    const recorded = readSafetensorsFile(path);
    const controlNets = await openControls(one);
    const model = tinyModel(one);
    const calls = new Map<string, number>();
    const added: (ControlResiduals | undefined)[] = [];
    const context = watch(one, controlNets, equipment, calls, added);
    const states: Float32Array[] = [];
    const positive = conditioningOf(one, recorded, '');
    const sampled = await runSampler(
      {
        ...PLAIN_SAMPLING,
        model,
        latent: { kind: 'latent', samples: zeros([one.batch, 4, 6, 8]), space: model.space },
        positive: { ...positive, controls: controlsOf(one, controlNets, recorded) },
        negative: conditioningOf(one, recorded, 'negative_'),
        seed: one.seed,
        steps: one.steps,
        guidance: one.guidance,
        scheduler: one.scheduler,
        onLatents: (latents) => states.push(latents),
      },
      context,
    );
    unwrap(sampled);
    const asked = controlNets.map(({ kind, name }) => (kind === 'controlNet' ? (calls.get(name) ?? 0) : 0));
    expect(asked).toEqual(one.calls);
    const given = [...(added[0]?.down ?? []), added[0]?.mid];
    for (const [index, want] of one.calls[0] === 0 ? [] : [...firstResiduals(recorded)].entries()) {
      const got = given[index]?.data ?? new Float32Array();
      // diffusers adds one number a channel where a ControlNet pools.
      const every = got.length / want.length;
      expect(
        differenceOf(
          got.filter((_, at) => at % every === 0),
          want,
        ),
      ).toBeLessThanOrEqual(1e-4);
    }
    for (let step = 1; step <= one.steps; step++) {
      expect(differenceOf(states[step], float32Of(recorded, `out/latents.${step}`)), `latents.${step}`).toBeLessThanOrEqual(1e-4);
    }
  });
});

function* firstResiduals(recorded: ReadonlyMap<string, FixtureTensor>): Iterable<Float32Array> {
  for (let index = 0; recorded.has(`out/down_${index}`); index++) yield float32Of(recorded, `out/down_${index}`);
  yield float32Of(recorded, 'out/mid');
}

async function openControls({ unet, controls }: PipelineCase): Promise<ControlModel[]> {
  return Promise.all(
    controls.map(async ({ adapter, config, weights: place }): Promise<ControlModel> => {
      const weights = await weightsUnder(weightsFile, `${place}/`);
      const common = { path: weightsFile, name: place, fingerprint: `${place} ${JSON.stringify(config)}`, config, weights };
      const family = unet === 'sd' ? 'sd15' : 'sdxl';
      return adapter
        ? { ...common, kind: 't2iAdapter', family, parsed: unwrap(parseT2iAdapterConfig(config)) }
        : { ...common, kind: 'controlNet', family, parsed: unwrap(parseControlNetConfig(config)) };
    }),
  );
}

function controlsOf(
  { controls, guess }: PipelineCase,
  controlNets: readonly ControlModel[],
  recorded: ReadonlyMap<string, FixtureTensor>,
): ControlValue[] {
  return controlNets.map((controlNet, index) => {
    const { scale = 0, start = 0, end = 0 } = controls[index] ?? {};
    return {
      controlNet: controlNetValueOf(controlNet),
      image: pictureOf(recorded.get(`in/picture${index}`)),
      strength: scale,
      start,
      end,
      guess,
    };
  });
}

/** uint8 [height, width, channels] as float32 [1, channels, height, width] in 0…1. */
function pictureOf(found: FixtureTensor | undefined): Tensor {
  const [height = 0, width = 0, channels = 0] = found?.shape ?? [];
  const plane = height * width;
  return tensor(
    Float32Array.from({ length: channels * plane }, (_, at) => Number(found?.data[(at % plane) * channels + Math.floor(at / plane)]) / 255),
    [1, channels, height, width],
  );
}

function conditioningOf({ unet }: PipelineCase, recorded: ReadonlyMap<string, FixtureTensor>, prefix: '' | 'negative_'): ConditioningValue {
  const read = (name: string): Tensor => tensor(float32Of(recorded, name), recorded.get(name)?.shape ?? []);
  return {
    kind: 'conditioning',
    family: unet === 'sd' ? 'sd15' : 'sdxl',
    states: read(`in/${prefix}prompt_embeds`),
    ...(unet !== 'sd' ? { pooled: read(`in/${prefix}pooled_prompt_embeds`) } : {}),
  };
}

/** A node's context over the runtime's own parts that counts what ControlNets are asked and notes what is added. */
function watch(
  one: PipelineCase,
  controlNets: readonly ControlModel[],
  equipment: TextEquipment,
  calls: Map<string, number>,
  added: (ControlResiduals | undefined)[],
): EvaluateContext {
  // Only its U-Net is asked for.
  const checkpoint = async () =>
    ({
      name: one.id,
      fingerprint: one.id,
      unet: { config: one.unet_config, weights: await weightsUnder(weightsFile, `${one.weights}/`) },
    }) as unknown as Checkpoint;
  const models: Pick<ModelRuntime, 'openDenoiser' | 'openControlNet' | 'previewFactors'> = {
    async openDenoiser(_model, size) {
      const opened = unwrap(await openDenoiser(await checkpoint(), size, equipment));
      return ok({
        predict(input) {
          added.push(input.residuals);
          return opened.predict(input);
        },
      });
    },
    async openControlNet({ handle }, _model, size) {
      const found = controlNets.find(({ fingerprint }) => fingerprint === handle.fingerprint);
      if (found === undefined) throw new Error('a control of the case');
      const opened = unwrap(await openControlNet(found, await checkpoint(), size, equipment));
      return ok({
        predict(input) {
          calls.set(handle.name, (calls.get(handle.name) ?? 0) + 1);
          return opened.predict(input);
        },
      });
    },
    previewFactors: () => undefined,
  };
  return samplerContext(models as ModelRuntime); // a sampler asks for nothing else
}
