import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildAutoencoderKlDecoder, buildAutoencoderKlEncoder } from '../../models/architectures/autoencoder-kl.ts';
import { parseAutoencoderKlConfig } from '../../models/architectures/autoencoder-kl-config.ts';
import { buildBert, parseBertConfig } from '../../models/architectures/bert.ts';
import type { BuiltGraph } from '../../models/architectures/built-graph.ts';
import { buildClipText, type HiddenState, hiddenStateName } from '../../models/architectures/clip-text.ts';
import { parseClipTextConfig } from '../../models/architectures/clip-text-config.ts';
import { buildUnet2dCondition } from '../../models/architectures/unet-2d-condition.ts';
import { parseUnet2dConditionConfig } from '../../models/architectures/unet-2d-condition-config.ts';
import type { BuildOptions } from '../../models/onnx/build-options.ts';
import type { LoadingMode } from '../../models/onnx/session-options.ts';
import { readTensor } from '../../models/read-tensor.ts';
import { openSafetensors, type SafetensorsFile } from '../../models/safetensors.ts';
import type { WeightSource } from '../../models/weights.ts';
import type { Tensor } from '../../nodes/tensor.ts';
import { readJsonLines } from '../fixtures-reader.ts';
import { unwrap } from '../unwrap.ts';
import { differenceOf, type Feed, runGraph, weightsOf } from './run-graph.ts';

interface ArchitectureCase {
  readonly id: string;
  readonly kind: 'unet' | 'vae' | 'clip' | 'bert';
  readonly config: Readonly<Record<string, unknown>>;
}

interface Recorded {
  readonly weights: WeightSource;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

const folder = fileURLToPath(new URL('./architectures/', import.meta.url));

async function read({ id }: ArchitectureCase): Promise<Recorded> {
  const path = `${folder}${id}.safetensors`;
  const all = await weightsOf(path);
  const file = unwrap(await openSafetensors(path));
  const names = [...all.names()].filter((name) => name.startsWith('weights/'));
  return {
    weights: { get: (name) => all.get(`weights/${name}`), names: () => names.map((name) => name.slice('weights/'.length)) },
    inputs: await readAll(file, 'in/'),
    outputs: await readAll(file, 'out/'),
  };
}

async function readAll(file: SafetensorsFile, prefix: string): Promise<Record<string, Tensor>> {
  const found: Record<string, Tensor> = {};
  for (const name of file.tensors.keys()) {
    if (name.startsWith(prefix)) found[name.slice(prefix.length)] = unwrap(await readTensor(file, name));
  }
  return found;
}

function planeOf(value: Tensor | undefined): { height: number; width: number } {
  const [, , height = 0, width = 0] = value?.shape ?? [];
  return { height, width };
}

/** The graphs that together give a case's outputs. */
function build({ kind, config }: ArchitectureCase, { weights, inputs }: Recorded, options: BuildOptions): BuiltGraph[] {
  switch (kind) {
    case 'unet':
      return [unwrap(buildUnet2dCondition(unwrap(parseUnet2dConditionConfig(config)), weights, planeOf(inputs['sample']), options))];
    case 'vae': {
      const parsed = unwrap(parseAutoencoderKlConfig(config));
      return [
        unwrap(buildAutoencoderKlEncoder(parsed, weights, planeOf(inputs['sample']), options)),
        unwrap(buildAutoencoderKlDecoder(parsed, weights, planeOf(inputs['latent_sample']), options)),
      ];
    }
    case 'clip': {
      const parsed = unwrap(parseClipTextConfig(config));
      const states = Array.from({ length: 2 * (parsed.layers + 1) }, (_, at): HiddenState => ({ layer: at >> 1, norm: at % 2 === 1 }));
      const tokens = inputs['input_ids']?.shape[1];
      return [unwrap(buildClipText(parsed, weights, { states, pooled: true, projected: true }, options, tokens))];
    }
    case 'bert':
      return [unwrap(buildBert(unwrap(parseBertConfig(config)), weights, options))];
  }
}

function feedsFor(graph: BuiltGraph, inputs: Readonly<Record<string, Tensor>>): Record<string, Feed> {
  return Object.fromEntries(
    graph.inputs.map(({ name, type }) => {
      const value = inputs[name];
      if (value === undefined) throw new Error(`no input ${name} was recorded`);
      return [name, type === 'int32' ? { data: Int32Array.from(value.data), shape: value.shape } : value];
    }),
  );
}

async function expectAgreement(one: ArchitectureCase, options: BuildOptions, mode: LoadingMode): Promise<void> {
  const recorded = await read(one);
  const got: Record<string, Float32Array> = {};
  for (const graph of build(one, recorded, options)) Object.assign(got, await runGraph(graph, feedsFor(graph, recorded.inputs), mode));
  expect(Object.keys(got).sort()).toEqual(Object.keys(recorded.outputs).sort());
  const tolerance = one.kind === 'clip' || one.kind === 'bert' ? 5e-5 : 1e-4;
  for (const [name, want] of Object.entries(recorded.outputs)) {
    expect(differenceOf(got[name], want.data), name).toBeLessThanOrEqual(tolerance);
  }
}

const cases = readJsonLines<ArchitectureCase>(`${folder}cases.jsonl`);

describe('tiny networks of every configuration', () => {
  it.each(cases)('$id gives what diffusers gives', async (one) => {
    await expectAgreement(one, { device: 'cpu' }, 'streaming');
  });

  it.each(cases.filter(({ kind }) => kind === 'unet'))(
    '$id gives the same without fused attention and with resident weights',
    async (one) => {
      await expectAgreement(one, { device: 'cpu', attention: 'plain' }, 'resident');
    },
  );
});

describe('the outputs of a CLIP text encoder', () => {
  const one = cases.find(({ id }) => id === 'clip-largest-id');
  if (one === undefined) throw new Error('the case is in the fixture');

  it('need no layers above the ones that are asked for', async () => {
    const { weights, inputs, outputs } = await read(one);
    const lower: WeightSource = { ...weights, get: (name) => (/layers\.2|final|projection/.test(name) ? undefined : weights.get(name)) };
    const state = { layer: 2, norm: false };
    const graph = unwrap(buildClipText(unwrap(parseClipTextConfig(one.config)), lower, { states: [state] }, { device: 'cpu' }));
    const got = await runGraph(graph, feedsFor(graph, inputs));
    const name = hiddenStateName(state);
    expect(differenceOf(got[name], outputs[name]?.data ?? new Float32Array())).toBeLessThanOrEqual(5e-5);
  });

  it('are refused for layers and lengths that the encoder does not have', async () => {
    const { weights } = await read(one);
    const config = unwrap(parseClipTextConfig(one.config));
    const deep = buildClipText(config, weights, { states: [{ layer: 4, norm: true }] }, { device: 'cpu' });
    expect(deep).toMatchObject({ problem: { code: 'model.config', message: expect.stringContaining('has 3 layers') } });
    const long = buildClipText(config, weights, { states: [{ layer: 1, norm: true }] }, { device: 'cpu' }, 8);
    expect(long).toMatchObject({ problem: { code: 'model.config', message: expect.stringContaining('takes 7 tokens, not 8') } });
  });
});
