import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturesRoot, hasAllFixtures } from '../../test/fixtures-reader.ts';
import { findModelsRoot } from '../models-root.ts';
import { openSafetensors } from '../safetensors.ts';
import { loadTokenizer } from '../tokenizers/load-tokenizer.ts';
import type { Checkpoint } from './checkpoint.ts';
import { openCheckpoint } from './open-checkpoint.ts';

const pipelines = `${fixturesRoot()}pipelines/`;
const packs = join(findModelsRoot(), 'packs');
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function open(path: string, options = {}): Promise<Checkpoint> {
  const result = await openCheckpoint(path, options);
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

async function refusal(path: string): Promise<{ code: string; message: string }> {
  const result = await openCheckpoint(path);
  return result.ok ? expect.fail(`${path} was accepted`) : result.problem;
}

/** A copy of a small pipeline that a test may break. */
async function copyOf(pipeline: string): Promise<string> {
  const copy = join(folder, `${pipeline}-${Math.random().toString(36).slice(2)}`);
  await cp(pipelines + pipeline, copy, { recursive: true });
  return copy;
}

describe('openCheckpoint on diffusers folders', () => {
  const xl = { width: 64, pooledWidth: 40, forcesZeros: true, projections: [false, true] };
  const one = { pooledWidth: undefined, forcesZeros: false, projections: [false] };
  const facts = {
    'inpaint-tiny': { ...one, family: 'sd15', label: 'SD 1.5 inpainting', predicts: 'epsilon', width: 32, dtype: 'F16', space: 'sd' },
    'lcm-tiny': { ...one, family: 'sd15', label: 'SD 1.5', predicts: 'epsilon', width: 32, dtype: 'BF16', space: 'sd' },
    'sd15-tiny': { ...one, family: 'sd15', label: 'SD 1.5', predicts: 'epsilon', width: 24, dtype: 'F16', space: 'sd' },
    'sd2-tiny': { ...one, family: 'sd2', label: 'SD 2', predicts: 'v_prediction', width: 48, dtype: 'F32', space: 'sd' },
    'sdxl-tiny': { ...xl, family: 'sdxl', label: 'SDXL', predicts: 'epsilon', dtype: 'F16', space: 'sdxl' },
  };
  it.each(Object.entries(facts))('tells what %s is', async (name, expected) => {
    if (!existsSync(join(pipelines, name, 'unet'))) return; // a clone alone has only some
    const checkpoint = await open(pipelines + name);
    const { family, label, predicts, width, pooledWidth, dtype, space, forcesZeros, projections } = expected;
    expect(checkpoint).toMatchObject({ name, layout: 'diffusers', family, label, predictionType: predicts, tokens: 77, pooledWidth });
    expect(checkpoint).toMatchObject({ conditioningWidth: width, nativeSize: { width: 128, height: 128 } });
    expect(checkpoint.latentSpace).toMatchObject({ id: space, channels: 4, factor: 8, shiftFactor: null });
    expect(checkpoint.unet.weights.get('conv_in.weight')?.dtype).toBe(dtype);
    expect(checkpoint.modelIndex.forceZerosForEmptyPrompt).toBe(forcesZeros);
    expect(checkpoint.textEncoders.map(({ withProjection }) => withProjection)).toEqual(projections);
    const tokenizer = await loadTokenizer(checkpoint.textEncoders[0]!.tokenizer);
    expect(tokenizer.ok && tokenizer.value.encode('a cat').ids.length).toBe(77);
  });

  it('gives each tensor its place in the real file', async () => {
    const checkpoint = await open(`${pipelines}inpaint-tiny`);
    const file = await openSafetensors(`${pipelines}inpaint-tiny/vae/diffusion_pytorch_model.safetensors`);
    if (!file.ok) throw new Error(file.problem.message);
    const name = 'decoder.mid_block.attentions.0.to_q.weight';
    const entry = file.value.tensors.get(name)!;
    expect(checkpoint.vae.weights.get(name)).toEqual({
      path: file.value.path,
      dtype: 'F16',
      shape: [32, 32],
      byteOffset: entry.offset,
      byteLength: entry.length,
    });
    expect([...checkpoint.vae.weights.names()]).toEqual([...file.value.tensors.keys()]);
    expect(checkpoint.scheduler).toMatchObject({ _class_name: 'PNDMScheduler', clip_sample: false });
  });

  it('opens the emoji pack like any other folder, with its own way of conditioning', async () => {
    const checkpoint = await open(join(packs, 'emoji'));
    expect(checkpoint).toMatchObject({
      family: 'custom',
      label: 'Emoji',
      predictionType: 'v_prediction',
      conditioningWidth: 384,
      pooledWidth: undefined,
      tokens: 32,
      nativeSize: { width: 64, height: 64 },
      latentSpace: { id: 'custom-8ch-x4-1', channels: 8, factor: 4, scalingFactor: 1 },
      modelIndex: { textConditioning: { maxLength: 32, zeroPadded: true }, forceZerosForEmptyPrompt: false },
    });
    expect(checkpoint.textEncoders.map(({ kind }) => kind)).toEqual(['bert']);
    const tokenizer = await loadTokenizer(checkpoint.textEncoders[0]!.tokenizer);
    expect(tokenizer.ok && tokenizer.value.encode('a cat', { maxLength: 32, padding: 'none' }).ids).toEqual([101, 1037, 4937, 102]);
  });

  it.each([0, -8, 1.5, 'x'])('refuses a text encoder %s wide', async (width) => {
    const copy = await copyOf('inpaint-tiny');
    const path = join(copy, 'text_encoder', 'config.json');
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), hidden_size: width }));
    const message = `In ${path}, "hidden_size" is ${JSON.stringify(width)}; a whole number from 1 up is wanted. Correct it, or download the config again.`;
    expect(await refusal(copy)).toMatchObject({ code: 'model.config', message });
  });

  it('opens shards by their index', async () => {
    const copy = await copyOf('inpaint-tiny');
    await shard(join(copy, 'unet'), 'diffusion_pytorch_model');
    const whole = await open(`${pipelines}inpaint-tiny`);
    const sharded = await open(copy);
    expect([...sharded.unet.weights.names()].sort()).toEqual([...whole.unet.weights.names()].sort());
    for (const name of ['conv_in.weight', 'conv_out.bias']) {
      expect(await bytesOf(sharded, name)).toEqual(await bytesOf(whole, name));
    }
    expect(new Set([...sharded.unet.weights.names()].map((name) => sharded.unet.weights.get(name)!.path)).size).toBe(2);

    const index = join(copy, 'unet', 'diffusion_pytorch_model.safetensors.index.json');
    const good = await readFile(index, 'utf8');
    await writeFile(index, good.replace('-00001-of', '-00003-of'));
    expect(await refusal(copy)).toMatchObject({ code: 'file.missing', message: expect.stringMatching(/00003-of-00002\.safetensors/) });
    await writeFile(index, good.replace(/"diffusion_pytorch_model-00001/, '"../diffusion_pytorch_model-00001'));
    expect(await refusal(copy)).toMatchObject({ code: 'model.damaged', message: expect.stringMatching(/no safetensors file beside it/) });
    await writeFile(index, good.replace('"conv_in.weight"', '"conv_in.wait"'));
    expect(await refusal(copy)).toMatchObject({ code: 'model.damaged', message: expect.stringMatching(/lacks tensor conv_in\.wait/) });
    await unlink(index);
    expect((await refusal(copy)).message).toMatch(/no diffusion_pytorch_model\.safetensors\.index\.json that puts the parts together/);
  });

  it('prefers plain weights to fp16, and those to other variants', async () => {
    const copy = await copyOf('inpaint-tiny');
    const plain = join(copy, 'unet', 'diffusion_pytorch_model.safetensors');
    const used = async () => (await open(copy)).unet.weights.get('conv_in.weight')!.path.split('/').at(-1);
    await cp(plain, join(copy, 'unet', 'diffusion_pytorch_model.fp16.safetensors'));
    await cp(plain, join(copy, 'unet', 'diffusion_pytorch_model.non_ema.safetensors'));
    expect(await used()).toBe('diffusion_pytorch_model.safetensors');
    // What git left there while only the other files were fetched.
    await writeFile(plain, 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3438167536\n');
    expect(await used()).toBe('diffusion_pytorch_model.fp16.safetensors');
    await unlink(plain);
    expect(await used()).toBe('diffusion_pytorch_model.fp16.safetensors');
    await unlink(join(copy, 'unet', 'diffusion_pytorch_model.fp16.safetensors'));
    expect(await used()).toBe('diffusion_pytorch_model.non_ema.safetensors');
  });

  it.skipIf(!hasAllFixtures())('reads text as SDXL does where its pipeline has the second encoder alone', async () => {
    const copy = await copyOf('sdxl-tiny');
    const path = join(copy, 'model_index.json');
    const index: Record<string, unknown> = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...index, text_encoder: [null, null], tokenizer: [null, null] }));
    for (const part of ['text_encoder', 'tokenizer']) await rm(join(copy, part), { recursive: true, force: true });
    expect((await open(copy)).family).toBe('sdxl-refiner');
  });

  it('follows the links of a hub cache', async () => {
    const copy = await copyOf('inpaint-tiny');
    await mkdir(join(copy, 'blobs'));
    const link = join(copy, 'unet', 'diffusion_pytorch_model.safetensors');
    await rename(link, join(copy, 'blobs', '5429bd6c'));
    await symlink('../blobs/5429bd6c', link);
    expect((await open(copy)).unet.weights.get('conv_in.weight')?.path).toMatch(/\/blobs\/5429bd6c$/);
  });

  it('changes its fingerprint with each file it uses, and not otherwise', async () => {
    const copy = await copyOf('inpaint-tiny');
    const print = async () => (await open(copy)).fingerprint;
    const first = await print();
    expect(await print()).toBe(first);
    const seen = new Set([first]);
    await utimes(join(copy, 'unet', 'diffusion_pytorch_model.safetensors'), new Date(), new Date(Date.now() - 1e7));
    seen.add(await print());
    const always = new Date(0);
    for (const file of ['vae/config.json', 'tokenizer/merges.txt', 'scheduler/scheduler_config.json']) {
      // Of the same size, and changed at the same time as far as the file system says.
      const path = join(copy, file);
      const bytes = await readFile(path);
      const digit = bytes.findLastIndex((byte) => byte >= 0x30 && byte <= 0x38);
      await utimes(path, always, always);
      seen.add(await print());
      bytes[digit] = (bytes[digit] ?? 0) + 1;
      await writeFile(path, bytes);
      await utimes(path, always, always);
      seen.add(await print());
    }
    expect(seen.size).toBe(5);
  });

  it("reads Python's bare infinities in scheduler_config.json", async () => {
    const copy = await copyOf('inpaint-tiny');
    const path = join(copy, 'scheduler', 'scheduler_config.json');
    await writeFile(path, '{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity, "note": "-Infinity", "x": NaN}');
    expect((await open(copy)).scheduler).toEqual({
      _class_name: 'DPMSolverMultistepScheduler',
      lambda_min_clipped: Number.NEGATIVE_INFINITY,
      note: '-Infinity',
      x: null,
    });
  });
});

describe('folders that are no checkpoint', () => {
  it('names what is missing, and where', async () => {
    const copy = await copyOf('inpaint-tiny');
    await rm(join(copy, 'scheduler'), { recursive: true });
    expect((await open(copy)).scheduler).toBeUndefined();
    const weights = join(copy, 'vae', 'diffusion_pytorch_model.safetensors');
    await truncate(weights, 5000);
    expect(await refusal(copy)).toMatchObject({
      code: 'model.damaged',
      message: expect.stringMatching(/vae\/diffusion_pytorch_model\.safetensors is cut short/),
    });
    await rename(weights, join(copy, 'vae', 'diffusion_pytorch_model.bin'));
    expect(await refusal(copy)).toMatchObject({
      code: 'model.unsafe',
      message: expect.stringMatching(/diffusion_pytorch_model\.bin is a PyTorch pickle.*convert/),
    });
    await unlink(join(copy, 'vae', 'diffusion_pytorch_model.bin'));
    expect(await refusal(copy)).toMatchObject({
      code: 'model.missing',
      message: expect.stringMatching(/\/vae has no diffusion_pytorch_model\.safetensors/),
    });
    await writeFile(join(copy, 'vae', 'config.json'), '{"block_out_channels": }');
    expect(await refusal(copy)).toMatchObject({
      code: 'model.config',
      message: expect.stringMatching(/vae\/config\.json is not valid JSON/),
    });
    await rm(join(copy, 'vae'), { recursive: true });
    expect(await refusal(copy)).toMatchObject({ code: 'model.missing', message: expect.stringMatching(/has no folder vae/) });
    await rm(join(copy, 'tokenizer'), { recursive: true });
    await cp(`${pipelines}inpaint-tiny/vae`, join(copy, 'vae'), { recursive: true });
    expect(await refusal(copy)).toMatchObject({ code: 'model.tokenizer', message: expect.stringMatching(/has no folder tokenizer/) });
    await rm(join(copy, 'unet', 'config.json'));
    expect(await refusal(copy)).toMatchObject({ code: 'file.missing', message: expect.stringMatching(/unet\/config\.json/) });
  });

  it.each([
    ['unet', { cross_attention_dim: 'wide' }, /unet\/config\.json, "cross_attention_dim" is "wide"/],
    ['unet', { sample_size: -1 }, /"sample_size" is -1/],
    ['vae', { block_out_channels: [] }, /vae\/config\.json, "block_out_channels" is \[\]/],
    ['vae', { scaling_factor: '1' }, /"scaling_factor" is "1"; a number/],
    ['text_encoder', { model_type: 't5', architectures: ['T5EncoderModel'] }, /"model_type" is "t5"; supported: clip_text_model, bert/],
  ])('refuses a %s config with %o', async (part, change, message) => {
    const copy = await copyOf('inpaint-tiny');
    const path = join(copy, part, 'config.json');
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
    if (part === 'text_encoder') {
      const index = join(copy, 'model_index.json');
      await writeFile(index, (await readFile(index, 'utf8')).replace('CLIPTextModel', 'T5EncoderModel'));
    }
    expect(await refusal(copy)).toMatchObject({ code: 'model.config', message: expect.stringMatching(message) });
  });

  it('says what other folders are', async () => {
    expect(await refusal(`${pipelines}lcm-tiny/unet`)).toMatchObject({
      code: 'model.unsupported',
      message: expect.stringMatching(/one part of a model \(UNet2DConditionModel\)/),
    });
    const other = join(folder, 'other');
    await mkdir(other);
    expect((await refusal(other)).message).toMatch(/is not a model folder: it has no model_index\.json/);
    await writeFile(join(other, 'v1-5-pruned.safetensors'), '');
    expect((await refusal(other)).message).toMatch(/It holds v1-5-pruned\.safetensors: choose/);
    await writeFile(
      join(other, 'model_index.json'),
      JSON.stringify({ _class_name: 'FluxPipeline', transformer: ['diffusers', 'FluxTransformer2DModel'] }),
    );
    expect((await refusal(other)).message).toMatch(/describes FluxPipeline, which has no unet/);
    await writeFile(join(other, 'model_index.json'), JSON.stringify({ _class_name: 'OnnxStableDiffusionPipeline' }));
    expect((await refusal(other)).message).toMatch(/ONNX pipeline/);
    expect((await refusal(join(other, 'nowhere'))).code).toBe('file.missing');
    const withConfig = await openCheckpoint(other, { config: other });
    expect(withConfig).toMatchObject({ ok: false, problem: { message: expect.stringMatching(/brings its own configs/) } });
  });
});

/** Splits a component's single file into two with an index, as save_pretrained does with max_shard_size. */
async function shard(component: string, base: string): Promise<void> {
  const path = join(component, `${base}.safetensors`);
  const bytes = await readFile(path);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: _metadata, ...header } = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes));
  const entries = Object.entries(header as Record<string, { data_offsets: [number, number] }>);
  const weightMap: Record<string, string> = {};
  for (const part of [0, 1]) {
    const name = `${base}-0000${part + 1}-of-00002.safetensors`;
    const own: Record<string, unknown> = {};
    const data: Buffer[] = [];
    let offset = 0;
    for (const [tensor, entry] of entries.filter((_, index) => index % 2 === part)) {
      const [start, end] = entry.data_offsets;
      own[tensor] = { ...entry, data_offsets: [offset, offset + end - start] };
      data.push(bytes.subarray(8 + headerBytes + start, 8 + headerBytes + end));
      offset += end - start;
      weightMap[tensor] = name;
    }
    const json = Buffer.from(JSON.stringify(own));
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(json.length));
    await writeFile(join(component, name), Buffer.concat([prefix, json, ...data]));
  }
  await writeFile(join(component, `${base}.safetensors.index.json`), JSON.stringify({ metadata: {}, weight_map: weightMap }));
  await unlink(path);
}

async function bytesOf(checkpoint: Checkpoint, name: string): Promise<Buffer> {
  const source = checkpoint.unet.weights.get(name)!;
  return (await readFile(source.path)).subarray(source.byteOffset, source.byteOffset + source.byteLength);
}
