import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAddOnFacts } from '../../host/add-on-facts.ts';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { type LoraPlan, writeLora, writeTensors } from '../../test/write-lora.ts';
import type { AddOnFacts } from '../facts.ts';
import { ok } from '../problem.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { struct } from '../types/socket-type.ts';
import { loadLora } from './load-lora.ts';

let models: TestModels;
let folder = '';
beforeAll(async () => {
  models = openTestModels();
  folder = await mkdtemp(join(tmpdir(), 'emulsion-lora-'));
});
afterAll(async () => {
  await models.close();
  await rm(folder, { recursive: true });
});

async function example(name: 'tiny' | 'emoji', plan: LoraPlan = {}): Promise<NodeExample> {
  const { path, model, textEncoder } = await models.open(name);
  const file = await writeLora(folder, name, path, plan);
  const facts = await readAddOnFacts('lora', file);
  return { inputs: { model, textEncoder }, params: { file }, models: models.runtime, facts: { addOnFacts: () => facts } };
}

async function sentenceOf(from: NodeExample): Promise<string> {
  const { outcome } = await runExample(loadLora, from);
  return outcome.ok ? 'it works' : outcome.problem.message;
}

nodeContract(loadLora, {
  examples: {
    'a LoRA for both networks': () => example('tiny'),
    'a LoRA for the bundled model, and its own text encoder': async () => {
      const made = await example('emoji', { text: /^$/ });
      return { ...made, inputs: { model: made.inputs?.['model'] } };
    },
    'a LoRA that nothing is known of': async () => ({ ...(await example('tiny')), facts: {} }),
    'no file, and the model’s own text encoder': async () => {
      const { model } = await models.open('tiny');
      return { inputs: { model }, models: models.runtime };
    },
  },
});

describe('Load LoRA', () => {
  it('adds the file with its strengths to those that are there', async () => {
    const first = await example('tiny');
    const once = await outputsOf(loadLora, { ...first, params: { ...first.params, strength: 0.5 } });
    const params = { ...first.params, strength: -2, textStrength: 0 };
    const twice = await outputsOf(loadLora, { ...first, inputs: once, params });
    expect(twice).toMatchObject({
      model: {
        loras: [
          { name: 'tiny', strength: 0.5 },
          { name: 'tiny', strength: -2 },
        ],
      },
      textEncoder: { loras: [{ strength: 0.5 }, { strength: 0 }] },
    });
  });

  it('changes what the text encoder says, more with more strength', async () => {
    const { inputs, ...from } = await example('tiny');
    const encode = async (strength: number): Promise<Float32Array> => {
      const { textEncoder } = await outputsOf(loadLora, { ...from, inputs: inputs ?? {}, params: { ...from.params, strength } });
      // The socket's kind says what it is.
      const encoded = await models.runtime.encodeText(textEncoder as never, { prompt: 'a red apple', clipSkip: 0 });
      if (!encoded.ok) throw new Error(encoded.problem.message);
      return encoded.value.states.data;
    };
    const distance = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((value, at) => value - (b[at] ?? 0)));
    const [none, half, whole] = [await encode(0), await encode(0.5), await encode(1)];
    expect(none).toEqual((await models.encode('tiny', 'a red apple')).states.data);
    expect(distance(none, half)).toBeGreaterThan(0.01);
    expect(distance(none, whole)).toBeGreaterThan(distance(none, half));
  });

  it('refuses layers and sizes that the model does not have', async () => {
    const tiny = await example('tiny');
    const emoji = await models.open('emoji');
    const to = { model: emoji.model, textEncoder: emoji.textEncoder };
    expect(await sentenceOf({ ...tiny, inputs: to })).toMatch(
      /^tiny changes (a layer \S+, which the U-Net of emoji does not have|\S+ with matrices of shape .* has weights of shape \[\d+, \d+\])\..* Choose a LoRA that was made for this kind of model\.$/,
    );
  });

  it('refuses another family by what its file says', async () => {
    const sdxl = await example('tiny', { change: (tensors) => rename(tensors, 'lora_te_', 'lora_te2_') });
    expect(await sentenceOf(sdxl)).toMatch(/^tiny is a LoRA for SDXL, and lcm-tiny is a model of the family SD 1\.5\. Choose/);
  });

  it('refuses values that are not numbers, and says which', async () => {
    const broken = await example('tiny', {
      change(tensors) {
        const [name = ''] = Object.keys(tensors).filter((key) => key.endsWith('attn2_to_k.lora_up.weight'));
        tensors[name]?.data.fill(Number.NaN, 1, 2);
      },
    });
    expect(await sentenceOf(broken)).toMatch(
      /tiny\.safetensors holds a value that is not a number .* in lora_unet_\S+attn2_to_k\.lora_up\.weight/,
    );
  });

  const files: Record<string, [tensors: Record<string, Tensor>, sentence: RegExp]> = {
    'half of a layer': [{ 'lora_unet_conv_in.lora_down.weight': ones([1, 4]) }, /is incomplete: for the layer conv_in it has no lora_up\./],
    'a tensor of no known kind': [
      { 'lora_unet_conv_in.lora_down.weight': ones([1, 4]), 'lora_unet_conv_in.strange': ones([1]) },
      /looks like a LoRA, but has a tensor lora_unet_conv_in\.strange, which no LoRA of a known kind has\./,
    ],
    'an alpha of two numbers': [
      {
        'lora_unet_conv_in.lora_down.weight': ones([1, 4]),
        'lora_unet_conv_in.lora_up.weight': ones([4, 1]),
        'lora_unet_conv_in.alpha': ones([2]),
      },
      /has lora_unet_conv_in\.alpha of shape \[2\], where one number is wanted\./,
    ],
    'another way of changing weights': [
      { 'lora_unet_conv_in.lora_down.weight': ones([1, 4]), 'lora_unet_conv_in.diff_b': ones([1]) },
      /changes weights with whole weights \(LyCORIS "full"\) \(lora_unet_conv_in\.diff_b\), which is not supported\./,
    ],
    'a LoRA for Flux': [
      { 'transformer.single_transformer_blocks.0.attn.to_k.lora_A.weight': ones([1, 4]) },
      /is a LoRA for Flux, whose layers Stable Diffusion does not have\./,
    ],
    'an embedding': [{ emb_params: ones([1, 768]) }, /looks like a textual inversion \(an embedding\)\. A LoRA is wanted here/],
  };

  it.each(Object.entries(files))('refuses %s', async (name, [tensors, sentence]) => {
    const { model, textEncoder } = await models.open('tiny');
    const file = await writeTensors(join(folder, `${name.replaceAll(' ', '-')}.safetensors`), tensors);
    expect(await sentenceOf({ inputs: { model, textEncoder }, params: { file }, models: models.runtime })).toMatch(sentence);
  });

  it('says before the run that families or widths do not fit', () => {
    const facts = (more: Partial<AddOnFacts>): AddOnFacts => ({ name: 'detail', fingerprint: '1', ...more });
    const sd15 = { model: struct('model', { family: 'sd15', dim: 768 }), textEncoder: struct('textEncoder', { family: 'sd15', dim: 768 }) };
    expect(refusals(facts({ family: ['sdxl'] }), sd15)).toEqual([
      'model: Load LoRA has a LoRA for SDXL (detail), and Checkpoint gives a model of the family SD 1.5. Choose a LoRA that was made for SD 1.5, or a checkpoint of SDXL.',
      'textEncoder: Load LoRA has a LoRA for SDXL (detail), and Checkpoint gives a text encoder of the family SD 1.5. Choose a LoRA that was made for SD 1.5, or a checkpoint of SDXL.',
    ]);
    expect(refusals(facts({ family: ['sd15', 'sd2'], conditioningWidth: 1024 }), sd15)).toEqual([
      'model: Load LoRA has a LoRA for text 1024 numbers wide (detail), and Checkpoint gives a model that attends to text 768 wide. Choose a LoRA that was made for this kind of model.',
    ]);
    expect(refusals(facts({ family: ['sd15'], conditioningWidth: 768 }), sd15)).toEqual([]);
    expect(refusals(facts({}), sd15)).toEqual([]);
    const custom = { model: struct('model', { family: 'custom', dim: 384 }), textEncoder: undefined };
    expect(refusals(facts({ family: ['sd15', 'sd2'] }), custom)).toEqual([]);
  });

  it('shows the LoRA’s family while nothing is wired in', () => {
    const types = infer({ name: 'detail', fingerprint: '1', family: ['sdxl'] }, {}, []);
    expect(types).toEqual({ model: struct('model', { family: 'sdxl' }), textEncoder: struct('textEncoder', { family: 'sdxl' }) });
  });
});

type Types = Parameters<NonNullable<typeof loadLora.outputTypes>>[0];

function refusals(facts: AddOnFacts, inputs: Types): string[] {
  const found: string[] = [];
  infer(facts, inputs, found);
  return found;
}

function infer(facts: AddOnFacts, inputs: Types, found: string[]) {
  const params = { file: 'detail', strength: 1, textStrength: null };
  return loadLora.outputTypes?.(inputs, params, {
    title: 'Load LoRA',
    sourceTitle: () => 'Checkpoint',
    refuse: (socket, message) => found.push(`${socket}: ${message}`),
    warn: () => undefined,
    modelFacts: () => undefined,
    imageFacts: () => undefined,
    addOnFacts: () => ok(facts),
  });
}

function rename(tensors: Record<string, Tensor>, from: string, to: string): void {
  for (const [name, value] of Object.entries(tensors)) {
    if (!name.startsWith(from)) continue;
    delete tensors[name];
    tensors[to + name.slice(from.length)] = value;
  }
}

function ones(shape: readonly number[]): Tensor {
  return tensor(new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(1), shape);
}
