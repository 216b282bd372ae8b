import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Tensor, zeros } from '../../nodes/tensor.ts';
import { readTinyConfig, readTinyWeights, writeTinyControlNet, writeWeights } from '../../test/write-controlnet.ts';
import { writeSparseSafetensors } from '../../test/write-sparse-safetensors.ts';
import { buildControlNet } from '../architectures/controlnet.ts';
import { parseT2iAdapterConfig } from '../architectures/t2i-adapter-config.ts';
import type { WeightSource } from '../weights.ts';
import type { ControlNetModel } from './controlnet-model.ts';
import { openControlNet } from './open-controlnet.ts';
import type { T2iAdapterModel } from './t2i-adapter-model.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-controlnet-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function open(path: string): Promise<ControlNetModel> {
  const opened = await openControlNet(path);
  if (!opened.ok) throw new Error(opened.problem.message);
  if (opened.value.kind !== 'controlNet') throw new Error('a T2I-Adapter');
  return opened.value;
}

async function refusal(path: string): Promise<string> {
  const opened = await openControlNet(path);
  return opened.ok ? 'accepted' : `${opened.problem.code}: ${opened.problem.message}`;
}

/** Builds the graph; gives the names of weights that it has no use for. */
function unusedWeights({ parsed, weights }: ControlNetModel): string[] {
  const unused = new Set(weights.names());
  const watched: WeightSource = {
    ...weights,
    get(name) {
      unused.delete(name);
      return weights.get(name);
    },
  };
  const built = buildControlNet(parsed, watched, { height: 8, width: 8 }, { device: 'cpu' });
  if (!built.ok) throw new Error(built.problem.message);
  return [...unused];
}

describe('a ControlNet in diffusers’ names', () => {
  it('is opened from its folder with the facts its config tells', async () => {
    const found = await open(await writeTinyControlNet(folder, 'controlnet-sd'));
    expect(found).toMatchObject({ name: 'controlnet-sd', family: 'sd15', parsed: { pictureChannels: 3, unet: { textWidth: 6 } } });
    expect(unusedWeights(found)).toEqual([]);
    const xl = await open(await writeTinyControlNet(folder, 'controlnet-sdxl'));
    expect(xl).toMatchObject({ family: 'sdxl', parsed: { pictureChannels: 1 } });
    const shuffle = await open(await writeTinyControlNet(folder, 'controlnet-shuffle'));
    expect(shuffle.parsed).toMatchObject({ poolsGlobally: true, isBgr: true });
  });

  it('is opened from its file with the config that lies beside it', async () => {
    const path = await writeTinyControlNet(folder, 'controlnet-sdxl');
    const found = await open(join(path, 'diffusion_pytorch_model.safetensors'));
    expect(found).toMatchObject({ name: 'diffusion_pytorch_model', family: 'sdxl' });
    expect(unusedWeights(found)).toEqual([]);
  });

  it('changes its fingerprint when its config does', async () => {
    const path = await writeTinyControlNet(join(folder, 'changing'), 'controlnet-sd');
    const { fingerprint } = await open(path);
    expect((await open(path)).fingerprint).toBe(fingerprint);
    await writeFile(join(path, 'config.json'), JSON.stringify({ ...readTinyConfig('controlnet-sd'), global_pool_conditions: true }));
    expect((await open(path)).fingerprint).not.toBe(fingerprint);
  });
});

interface Layout {
  readonly tensors: Record<string, readonly number[]>;
  readonly expected: { readonly unet: Readonly<Record<string, unknown>> };
}

/** Names and shapes of the published models, made by test/golden/ldm_layouts.py. */
const layouts: Record<string, Layout> = JSON.parse(
  gunzipSync(readFileSync(new URL('../checkpoint/testdata/ldm-layouts.json.gz', import.meta.url))).toString(),
);

/** The ControlNet of a published model as cldm.py of lllyasviel/ControlNet names its tensors. */
function originalLayout(name: string, prefix: string): Record<string, readonly number[]> {
  const tensors: Record<string, readonly number[]> = {};
  const unet = 'model.diffusion_model.';
  for (const [key, shape] of Object.entries(layouts[name]?.tensors ?? {})) {
    if (key.startsWith(unet) && !/^(out|output_blocks)\./.test(key.slice(unet.length))) tensors[prefix + key.slice(unet.length)] = shape;
  }
  const add = (module: string, shape: readonly number[]): void => {
    tensors[`${prefix}${module}.weight`] = shape;
    tensors[`${prefix}${module}.bias`] = shape.slice(0, 1);
  };
  const hint = [3, 16, 16, 32, 32, 96, 96, 256, 320];
  for (let index = 0; index < 8; index++) add(`input_hint_block.${2 * index}`, [hint[index + 1] ?? 0, hint[index] ?? 0, 3, 3]);
  const widths =
    name === 'sdxl' ? [320, 320, 320, 320, 640, 640, 640, 1280, 1280] : [320, 320, 320, 320, 640, 640, 640, 1280, 1280, 1280, 1280, 1280];
  for (const [index, width] of widths.entries()) add(`zero_convs.${index}.0`, [width, width, 1, 1]);
  add('middle_block_out.0', [1280, 1280, 1, 1]);
  return tensors;
}

describe('a ControlNet in the original layout, by names and shapes alone', () => {
  it.each([
    ['sd15', 'control_model.', 768],
    ['sd21', '', 1024],
    ['sdxl', 'control_model.', 2048],
  ] as const)('of %s with the prefix “%s” has its structure told', async (name, prefix, textWidth) => {
    const found = await open(await writeSparseSafetensors(join(folder, `${name}-canny.safetensors`), originalLayout(name, prefix)));
    expect(found).toMatchObject({ name: `${name}-canny`, family: name === 'sd21' ? 'sd2' : name });
    expect(found.parsed).toMatchObject({ embeddingChannels: [16, 32, 96, 256], poolsGlobally: false, unet: { textWidth } });
    const { attention_head_dim: heads, addition_time_embed_dim: timeIdWidth } = layouts[name]?.expected.unet ?? {};
    expect(found.config['attention_head_dim']).toEqual(heads);
    expect(found.config['addition_time_embed_dim'] ?? null).toBe(timeIdWidth);
    expect(unusedWeights(found)).toEqual([]);
  });

  it('pools where its name says that it is ControlNet Shuffle', async () => {
    const path = join(folder, 'control_v11e_sd15_shuffle.safetensors');
    expect((await open(await writeSparseSafetensors(path, originalLayout('sd15', 'control_model.')))).parsed.poolsGlobally).toBe(true);
  });

  it('is found beside a whole model in one file', async () => {
    const both = { ...layouts['sd15']?.tensors, ...originalLayout('sd15', 'control_model.') };
    expect(unusedWeights(await open(await writeSparseSafetensors(join(folder, 'both.safetensors'), both)))).toEqual([]);
  });

  it('is refused with a tensor that none has', async () => {
    const odd = { ...originalLayout('sd15', 'control_model.'), 'control_model.extra.weight': [1] };
    expect(await refusal(await writeSparseSafetensors(join(folder, 'odd.safetensors'), odd))).toContain(
      'a tensor control_model.extra.weight',
    );
  });
});

describe('what is no ControlNet', () => {
  it.each([
    ['union', { 'controlnet_cond_embedding.conv_in.weight': [16, 3, 3, 3], task_embedding: [6, 320] }, /ControlNet Union/],
    ['lora', { lora_controlnet: [1], 'input_blocks.0.0.weight': [320, 4, 3, 3] }, /a Control-LoRA, which is not supported/],
    ['lllite', { 'lllite_unet_input_blocks_4_1.conditioning1.0.weight': [16, 3, 4, 4] }, /ControlNet-LLLite/],
    ['flux', { 'controlnet_blocks.0.weight': [3072, 3072] }, /Flux or Stable Diffusion 3/],
    ['difference', { difference: [1] }, /difference from its model/],
    [
      'model',
      { 'model.diffusion_model.input_blocks.0.0.weight': [320, 4, 3, 3] },
      /wrongFamily: .* is not a ControlNet: it looks like a U-Net/,
    ],
    ['strange', { a: [1], b: [1] }, /is not a ControlNet: its tensors are a, b/],
  ])('is told: %s', async (name, tensors, sentence) => {
    expect(await refusal(await writeSparseSafetensors(join(folder, `${name}.safetensors`), tensors))).toMatch(sentence);
  });

  it('is told of folders, missing files and pickles', async () => {
    expect(await refusal(join(folder, 'nothing'))).toMatch(/^file.missing: There is no file/);
    const empty = join(folder, 'empty');
    await mkdir(empty);
    expect(await refusal(empty)).toContain('it has no config.json');
    await writeFile(join(empty, 'config.json'), '{"_class_name":"MotionAdapter"}');
    expect(await refusal(empty)).toContain('describes a MotionAdapter; a ControlNetModel or T2IAdapter is wanted');
    await writeFile(join(empty, 'model_index.json'), '{}');
    await rm(join(empty, 'config.json'));
    expect(await refusal(empty)).toContain('it is a whole model');
    await writeFile(join(empty, 'x.safetensors'), Uint8Array.of(0x80, 2, 1, 1, 1, 1, 1, 1, 1, 1));
    expect(await refusal(join(empty, 'x.safetensors'))).toMatch(/^model.unsafe/);
  });

  it.each([
    ['down_block_types', ['StrangeBlock2D', 'DownBlock2D'], /In the config of the ControlNet, "down_block_types.*is "StrangeBlock2D"/],
    ['conditioning_channels', 0, /"conditioning_channels" is 0/],
    ['attention_head_dim', 999, /config of the ControlNet, "attention_head_dim" is 999/],
    ['controlnet_conditioning_channel_order', 'grb', /is "grb"; supported: "rgb", "bgr"/],
  ])('is told with the key of its config: %s', async (key, value, sentence) => {
    const path = join(folder, `config-${key}`);
    await writeWeights(join(path, 'diffusion_pytorch_model.safetensors'), readTinyWeights('controlnet-sd'));
    await writeFile(join(path, 'config.json'), JSON.stringify({ ...readTinyConfig('controlnet-sd'), [key]: value }));
    expect(await refusal(path)).toMatch(sentence);
  });
});

/** A tiny T2I-Adapter of the goldens: its config and its weights by diffusers' names. */
function tinyAdapter(id: 't2i-full' | 't2i-xl' | 't2i-light'): {
  config: Readonly<Record<string, unknown>>;
  weights: Record<string, Tensor>;
} {
  return { config: readTinyConfig(id), weights: readTinyWeights(id) };
}

async function openAdapter(path: string): Promise<T2iAdapterModel> {
  const opened = await openControlNet(path);
  if (!opened.ok) throw new Error(opened.problem.message);
  if (opened.value.kind !== 't2iAdapter') throw new Error('a ControlNet');
  return opened.value;
}

/** The name that TencentARC/T2I-Adapter has for one of diffusers'. */
function originalAdapterName(name: string, isLight: boolean): string {
  const own = name.replace('adapter.', '');
  if (isLight) return own.replace('.resnets.', '.body.');
  return own
    .replace(/body\.(\d+)\.resnets\.(\d+)/, (_, body, block) => `body.${2 * Number(body) + Number(block)}`)
    .replace(/body\.(\d+)\.in_conv/, (_, body) => `body.${2 * Number(body)}.in_conv`);
}

describe('a T2I-Adapter', () => {
  it('is opened from a diffusers folder', async () => {
    const path = await writeTinyControlNet(folder, 't2i-xl');
    expect(await openAdapter(path)).toMatchObject({ name: 't2i-xl', family: 'sdxl', parsed: { pictureChannels: 1, patch: 16 } });
    const inside = await openAdapter(join(path, 'diffusion_pytorch_model.safetensors'));
    expect(inside.parsed).toEqual((await openAdapter(path)).parsed);
  });

  it.each(['t2i-full', 't2i-xl'] as const)('has its structure told from a file alone: %s', async (id) => {
    const { config, weights } = tinyAdapter(id);
    const found = await openAdapter(await writeWeights(join(folder, 'alone', `${id}.safetensors`), weights));
    const expected = parseT2iAdapterConfig(config);
    expect(expected).toEqual({ ok: true, value: found.parsed });
    expect([...found.weights.names()].sort()).toEqual(Object.keys(weights).sort());
  });

  it('is given diffusers’ names from the original’s', async () => {
    const full = tinyAdapter('t2i-full');
    const renamed = Object.fromEntries(Object.entries(full.weights).map(([name, value]) => [originalAdapterName(name, false), value]));
    expect(Object.keys(renamed)).toContain('body.4.in_conv.weight');
    const found = await openAdapter(await writeWeights(join(folder, 'alone', 't2iadapter_canny.safetensors'), renamed));
    expect([...found.weights.names()].sort()).toEqual(Object.keys(full.weights).sort());
    expect({ ok: true, value: found.parsed }).toEqual(parseT2iAdapterConfig(full.config));
    const light = tinyAdapter('t2i-light');
    const lightNames = Object.fromEntries(Object.entries(light.weights).map(([name, value]) => [originalAdapterName(name, true), value]));
    // Its patches are smaller than any in use, so nothing tells them.
    expect(await refusal(await writeWeights(join(folder, 'alone', 'light.safetensors'), lightNames))).toContain('(body.0.in_conv)');
  });

  it('of another kind is refused with the tensor that tells it', async () => {
    const { weights } = tinyAdapter('t2i-full');
    const odd = Object.fromEntries(Object.entries(weights).map(([name, value]) => [originalAdapterName(name, false), value]));
    const path = await writeWeights(join(folder, 'alone', 'old.safetensors'), { ...odd, 'body.0.skep.weight': zeros([1]) });
    expect(await refusal(path)).toContain('nothing is known of its tensor body.0.skep.weight');
  });
});
