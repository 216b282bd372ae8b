import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, open as openFile, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturesRoot, hasAllFixtures } from '../../test/fixtures-reader.ts';
import { writeSparseSafetensors } from '../../test/write-sparse-safetensors.ts';
import { openSafetensors } from '../safetensors.ts';
import { loadTokenizer } from '../tokenizers/load-tokenizer.ts';
import type { TensorSource } from '../weights.ts';
import type { Checkpoint } from './checkpoint.ts';
import { openCheckpoint } from './open-checkpoint.ts';

const fixtures = fixturesRoot();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-single-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function open(path: string, options = {}): Promise<Checkpoint> {
  const result = await openCheckpoint(path, options);
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

/** A file of the right length with these tensors, all zeros. */
function sparseFile(name: string, tensors: Record<string, readonly number[]>): Promise<string> {
  return writeSparseSafetensors(join(folder, name), tensors);
}

/** The bytes of a tensor; `files` keeps each file's content for the next one. */
async function bytesOf(source: TensorSource, files: Map<string, Buffer>): Promise<Buffer> {
  const content = files.get(source.path) ?? (await readFile(source.path));
  files.set(source.path, content);
  return content.subarray(source.byteOffset, source.byteOffset + source.byteLength);
}

describe.skipIf(!hasAllFixtures())('openCheckpoint on single files', () => {
  it('gives the weights of the same model in a folder their names there, byte for byte', async () => {
    const single = await open(`${fixtures}checkpoints/sd15-tiny.safetensors`, { config: `${fixtures}pipelines/sd15-tiny` });
    const diffusers = await open(`${fixtures}pipelines/sd15-tiny`);
    expect(single).toMatchObject({
      name: 'sd15-tiny',
      layout: 'single-file',
      family: 'sd15',
      label: 'SD 1.5',
      predictionType: 'epsilon',
      latentSpace: diffusers.latentSpace,
      nativeSize: diffusers.nativeSize,
      scheduler: diffusers.scheduler,
      conditioningWidth: 24,
      tokens: 77,
    });
    // The folder has the autoencoder's attention under older names, and the file has it as 1×1 convolutions.
    const newer = (name: string) =>
      name.replace('.query.', '.to_q.').replace('.key.', '.to_k.').replace('.value.', '.to_v.').replace('.proj_attn.', '.to_out.0.');
    const pairs = [
      [single.unet.weights, diffusers.unet.weights],
      [single.vae.weights, diffusers.vae.weights],
      [single.textEncoders[0]!.weights, diffusers.textEncoders[0]!.weights],
    ] as const;
    const files = new Map<string, Buffer>();
    for (const [ours, theirs] of pairs) {
      expect([...ours.names()].sort()).toEqual([...theirs.names()].map(newer).sort());
      for (const name of theirs.names()) {
        const [one, other] = [ours.get(newer(name))!, theirs.get(name)!];
        expect(one.shape.filter((size) => size !== 1)).toEqual(other.shape.filter((size) => size !== 1));
        expect((await bytesOf(one, files)).equals(await bytesOf(other, files))).toBe(true);
      }
    }
  });

  it("cuts OpenCLIP's fused tensors and turns its projection round", async () => {
    const checkpoint = await open(`${fixtures}checkpoints/sdxl-tiny-full.safetensors`, { config: `${fixtures}pipelines/sdxl-tiny-full` });
    expect(checkpoint).toMatchObject({
      family: 'sdxl',
      label: 'SDXL',
      conditioningWidth: 40,
      pooledWidth: 24,
      modelIndex: { forceZerosForEmptyPrompt: true },
    });
    expect(checkpoint.textEncoders.map(({ withProjection }) => withProjection)).toEqual([false, true]);
    const file = await openSafetensors(`${fixtures}checkpoints/sdxl-tiny-full.safetensors`);
    if (!file.ok) throw new Error(file.problem.message);
    const weights = checkpoint.textEncoders[1]!.weights;
    const fused = file.value.tensors.get('conditioner.embedders.1.model.transformer.resblocks.2.attn.in_proj_weight')!;
    for (const [index, part] of ['q', 'k', 'v'].entries()) {
      expect(weights.get(`text_model.encoder.layers.2.self_attn.${part}_proj.weight`)).toEqual({
        path: file.value.path,
        dtype: 'F16',
        shape: [24, 24],
        byteOffset: fused.offset + index * 24 * 24 * 2,
        byteLength: 24 * 24 * 2,
      });
      expect(weights.get(`text_model.encoder.layers.0.self_attn.${part}_proj.bias`)?.shape).toEqual([24]);
    }
    expect(weights.get('text_projection.weight')).toMatchObject({ shape: [24, 24], transposed: true });
    // Settings come from the folder, the vocabulary is CLIP's own, and the two encoders pad differently.
    const padIds = [];
    for (const { tokenizer } of checkpoint.textEncoders) {
      const loaded = await loadTokenizer(tokenizer);
      padIds.push(loaded.ok ? loaded.value.encode('a cat').ids.at(-1) : loaded.problem.message);
    }
    expect(padIds).toEqual([49407, 0]);
  });

  it('tells the structure of a small file from its tensors', async () => {
    const told = await open(`${fixtures}checkpoints/sd15-tiny.safetensors`);
    const written = await open(`${fixtures}pipelines/sd15-tiny`);
    for (const key of [
      'in_channels',
      'block_out_channels',
      'layers_per_block',
      'down_block_types',
      'up_block_types',
      'cross_attention_dim',
      'attention_head_dim',
    ]) {
      expect(told.unet.config[key]).toEqual(written.unet.config[key]);
    }
    for (const key of ['block_out_channels', 'layers_per_block', 'latent_channels', 'scaling_factor', 'mid_block_add_attention']) {
      expect(told.vae.config[key]).toEqual(written.vae.config[key]);
    }
    for (const key of ['vocab_size', 'hidden_size', 'intermediate_size', 'num_hidden_layers', 'hidden_act', 'projection_dim']) {
      expect(told.textEncoders[0]!.config[key]).toEqual(written.textEncoders[0]!.config[key]);
    }
  });
});

interface Layout {
  readonly tensors: Record<string, readonly number[]>;
  readonly unetNames: string[];
  readonly expected: { unet: Record<string, unknown>; vae: Record<string, unknown>; textEncoders: Record<string, unknown>[] };
}

/** Names and shapes of the published models, made by test/golden/ldm_layouts.py. */
const layouts: Record<string, Layout> = JSON.parse(
  gunzipSync(readFileSync(new URL('./testdata/ldm-layouts.json.gz', import.meta.url))).toString(),
);

describe('whole models, by names and shapes alone', () => {
  it.each([
    ['sd15', { family: 'sd15', label: 'SD 1.5', predictionType: 'epsilon', size: 512, scheduler: 'PNDMScheduler', pads: [49407] }],
    [
      'sd15-inpainting',
      { family: 'sd15', label: 'SD 1.5 inpainting', predictionType: 'epsilon', size: 512, scheduler: 'PNDMScheduler', pads: [49407] },
    ],
    // Zeros spread less than the weights of the model that predicts v, so this reads as the 512-pixel model.
    ['sd21', { family: 'sd2', label: 'SD 2', predictionType: 'epsilon', size: 512, scheduler: 'DDIMScheduler', pads: [0] }],
    [
      'sdxl',
      { family: 'sdxl', label: 'SDXL', predictionType: 'epsilon', size: 1024, scheduler: 'EulerDiscreteScheduler', pads: [49407, 0] },
    ],
    [
      'sdxl-refiner',
      {
        family: 'sdxl-refiner',
        label: 'SDXL refiner',
        predictionType: 'epsilon',
        size: 1024,
        scheduler: 'EulerDiscreteScheduler',
        pads: [0],
      },
    ],
  ])('tells the published configs of %s', async (name, { size, scheduler, pads, ...facts }) => {
    const { tensors, unetNames, expected } = layouts[name]!;
    const checkpoint = await open(await sparseFile(`${name}.safetensors`, { 'model_ema.decay': [], ...tensors }));
    expect(checkpoint).toMatchObject({ ...facts, nativeSize: { width: size, height: size }, tokens: 77 });
    expect([...checkpoint.unet.weights.names()].sort()).toEqual(unetNames);
    expect(checkpoint.scheduler).toMatchObject({ _class_name: scheduler, beta_schedule: 'scaled_linear' });
    for (const key of Object.keys(expected.unet)) {
      if (key !== 'sample_size') expect([key, spreadDepth(key, checkpoint.unet.config)]).toEqual([key, spreadDepth(key, expected.unet)]);
    }
    expect(checkpoint.vae.config).toMatchObject(expected.vae);
    for (const [index, config] of expected.textEncoders.entries()) {
      const { hidden_act = 'quick_gelu' } = config;
      expect(checkpoint.textEncoders[index]!.config).toMatchObject({ ...config, hidden_act });
    }
    const padIds = [];
    for (const { tokenizer } of checkpoint.textEncoders) {
      const loaded = await loadTokenizer(tokenizer);
      padIds.push(loaded.ok ? loaded.value.padId : loaded.problem.message);
    }
    expect(padIds).toEqual(pads);
  });

  it('tells which kind of SD 2 it is by the spread of one bias, and takes v where there is none', async () => {
    const { tensors } = layouts['sd21']!;
    const telltale = 'model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias';
    const path = await sparseFile('sd21-v.safetensors', tensors);
    const file = await openSafetensors(path);
    if (!file.ok) throw new Error(file.problem.message);
    const handle = await openFile(path, 'r+');
    // Halves of +1 and −1 in turn.
    const bias = Buffer.from(Uint16Array.from({ length: 320 }, (_, index) => (index % 2 === 0 ? 0x3c00 : 0xbc00)).buffer);
    await handle.write(bias, 0, bias.length, file.value.tensors.get(telltale)!.offset);
    await handle.close();
    expect(await open(path)).toMatchObject({ predictionType: 'v_prediction', nativeSize: { width: 768, height: 768 } });
  });

  it('knows SD 2 by its U-Net where its text encoder lies in the refiner’s place, and with the layers that diffusers writes', async () => {
    const { tensors } = layouts['sd21']!;
    const [old, later] = ['cond_stage_model.model.', 'conditioner.embedders.0.model.'];
    const moved = Object.fromEntries(Object.entries(tensors).map(([name, shape]) => [name.replace(old, later), shape]));
    const used = Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.includes('resblocks.23.')));
    const whole = await open(await sparseFile('sd21-whole.safetensors', tensors));
    for (const [name, changed] of Object.entries({ moved, used })) {
      const checkpoint = await open(await sparseFile(`sd21-${name}.safetensors`, changed));
      expect(checkpoint).toMatchObject({ family: 'sd2', label: 'SD 2', scheduler: whole.scheduler, latentSpace: whole.latentSpace });
      expect(checkpoint.textEncoders[0]!.config).toEqual(whole.textEncoders[0]!.config);
    }
    expect(whole.textEncoders[0]!.config['num_hidden_layers']).toBe(23);
  });

  it('finds an autoencoder under vae., too', async () => {
    const { tensors } = layouts['sd15']!;
    const moved = Object.fromEntries(Object.entries(tensors).map(([name, shape]) => [name.replace('first_stage_model.', 'vae.'), shape]));
    const [found, usual] = [
      await open(await sparseFile('vae-moved.safetensors', moved)),
      await open(await sparseFile('vae.safetensors', tensors)),
    ];
    expect(found.vae.config).toEqual(usual.vae.config);
    expect([...found.vae.weights.names()]).toEqual([...usual.vae.weights.names()]);
  });

  it('does not take a model that has lost one tensor for one of another structure', async () => {
    const without = async (name: string, lost: string): Promise<string> => {
      const left = Object.entries(layouts[name]!.tensors).filter(([tensor]) => !tensor.startsWith(lost));
      return sparseFile(`lost-${name}.safetensors`, Object.fromEntries(left));
    };
    for (const [lost, part, setting] of [
      ['first_stage_model.encoder.mid.attn_1.q.weight', 'vae', { mid_block_add_attention: true }],
      ['first_stage_model.post_quant_conv.weight', 'vae', { use_post_quant_conv: true }],
      ['first_stage_model.quant_conv.weight', 'vae', { use_quant_conv: true }],
      ['model.diffusion_model.middle_block.1.norm.weight', 'unet', { mid_block_type: 'UNetMidBlock2DCrossAttn' }],
    ] as const) {
      expect((await open(await without('sd15', lost)))[part].config).toMatchObject(setting);
    }
    expect(await openCheckpoint(await without('sdxl', 'model.diffusion_model.label_emb.0.0.'))).toMatchObject({
      ok: false,
      problem: { message: expect.stringMatching(/structure is unusual \(label_emb\)/) },
    });
  });

  it('heeds the marks that newer SDXL files carry', async () => {
    const { tensors } = layouts['sdxl']!;
    const marked = await open(await sparseFile('xl-v.safetensors', { ...tensors, v_pred: [0], ztsnr: [0] }));
    expect(marked).toMatchObject({
      predictionType: 'v_prediction',
      scheduler: { prediction_type: 'v_prediction', rescale_betas_zero_snr: true },
    });
    const edm = await openCheckpoint(await sparseFile('xl-edm.safetensors', { ...tensors, edm_mean: [4], edm_std: [4] }));
    expect(edm).toMatchObject({ ok: false, problem: { code: 'model.unsupported', message: expect.stringMatching(/EDM/) } });
  });

  it('says what is missing or strange instead of loading half', async () => {
    const { tensors } = layouts['sd15']!;
    const without = (prefix: string) => Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.startsWith(prefix)));
    const message = async (name: string, changed: Record<string, readonly number[]>, options = {}) => {
      const result = await openCheckpoint(await sparseFile(name, changed), options);
      return result.ok ? 'accepted' : result.problem.message;
    };
    expect(await message('no-vae.safetensors', without('first_stage_model.'))).toMatch(
      /no-vae\.safetensors was saved without its autoencoder \(first_stage_model\.\*\)/,
    );
    expect(await message('no-text.safetensors', without('cond_stage_model.'))).toMatch(/without its text encoder/);
    expect(
      await message('unet-only.safetensors', Object.fromEntries(Object.entries(tensors).filter(([name]) => name.startsWith('model.')))),
    ).toMatch(/autoencoder .* and text encoder/);
    const odd = 'model.diffusion_model.input_blocks.1.0.magic.weight';
    expect(await message('odd.safetensors', { ...tensors, [odd]: [1] })).toMatch(/has a tensor .*magic\.weight/);
    const input = 'model.diffusion_model.input_blocks.0.0.weight';
    expect(await message('pix2pix.safetensors', { ...tensors, [input]: [320, 8, 3, 3] })).toMatch(/InstructPix2Pix/);
    expect(await message('thin.safetensors', without('model.diffusion_model.middle_block.1.'))).toMatch(/structure is unusual/);
    const vocabulary = 'cond_stage_model.transformer.text_model.embeddings.token_embedding.weight';
    expect(await message('words.safetensors', { ...tensors, [vocabulary]: [50_000, 768] })).toMatch(/50000 tokens where CLIP has 49408/);
    expect(await message('config.safetensors', tensors, { config: join(folder, 'none') })).toMatch(/no file .*none\/unet\/config\.json/);
    const far = 'model.diffusion_model.input_blocks.99999999999.0.in_layers.0.weight';
    expect(await message('far.safetensors', { ...tensors, [far]: [1] })).toMatch(/has a tensor/);
  });
});

describe('files that are no checkpoint', () => {
  it.each([
    ['loras/sd15-kohya.safetensors', /looks like a LoRA/],
    ['loras/sd15-peft.safetensors', /looks like a LoRA/],
    ['controlnets/sd15-tiny-control/diffusion_pytorch_model.safetensors', /looks like a ControlNet/],
    ['embeddings/snorf.safetensors', /looks like a textual inversion/],
    ['embeddings/wibble.safetensors', /looks like a textual inversion/],
    ['pipelines/lcm-tiny/vae/diffusion_pytorch_model.safetensors', /looks like an autoencoder \(VAE\)/],
    ['pipelines/lcm-tiny/unet/diffusion_pytorch_model.safetensors', /looks like a U-Net/],
    ['pipelines/lcm-tiny/text_encoder/model.safetensors', /looks like a text encoder/],
  ])('says what %s looks like', async (path, message) => {
    if (!existsSync(fixtures + path)) return; // a clone alone has only some
    const result = await openCheckpoint(fixtures + path);
    expect(!result.ok && result.problem).toMatchObject({ code: 'model.wrongFamily', message: expect.stringMatching(message) });
  });

  it.each([
    ['double_blocks.0.img_attn.norm.key_norm.scale', /Flux/],
    ['model.diffusion_model.joint_blocks.0.context_block.adaLN_modulation.1.bias', /Stable Diffusion 3/],
    ['model.diffusion_model.patchify_proj.weight', /is no model that is known here|LTX/],
    ['encoder.block.0.layer.0.SelfAttention.q.weight', /T5/],
    ['model.0.weight', /upscaler/],
    ['control_model.time_embed.0.weight', /ControlNet/],
    ['down_blocks.0.motion_modules.0.temporal_transformer.norm.weight', /AnimateDiff/],
    ['something.else', /its tensors are something\.else|textual inversion/],
  ])('knows %s', async (tensor, message) => {
    const result = await openCheckpoint(await sparseFile('other.safetensors', { [tensor]: [2, 2, 3, 3] }));
    expect(!result.ok && result.problem.message).toMatch(message);
  });

  it.each([
    ['double_blocks.0.img_attn.norm.key_norm.scale', 'model.unsupported'],
    ['conv_thing.weight', 'model.unsupported'],
    ['control_model.time_embed.0.weight', 'model.wrongFamily'],
  ])('tells models of other families from other kinds of things: %s', async (tensor, code) => {
    const result = await openCheckpoint(await sparseFile('other.safetensors', { [tensor]: [2, 2, 3, 3] }));
    expect(result).toMatchObject({ ok: false, problem: { code } });
  });

  it('tells pickles and cut downloads by their content', async () => {
    const pickle = join(folder, 'model.ckpt');
    await writeFile(pickle, Buffer.from([0x80, 0x02, 0x7d, 0x71, 0x00]));
    expect(await openCheckpoint(pickle)).toMatchObject({ ok: false, problem: { code: 'model.unsafe' } });
    const cut = await sparseFile('cut.safetensors', layouts['sd15']!.tensors);
    const handle = await openFile(cut, 'r+');
    await handle.truncate(1_000_000);
    await handle.close();
    expect(await openCheckpoint(cut)).toMatchObject({
      ok: false,
      problem: { code: 'model.damaged', message: expect.stringMatching(/cut short/) },
    });
  });
});

/** A config value; the depths of transformers as a list, with 0 at levels without attention, where no depth can be told. */
function spreadDepth(key: string, config: Readonly<Record<string, unknown>>): unknown {
  const value = config[key] ?? null;
  if (key !== 'transformer_layers_per_block') return value;
  const types = config['down_block_types'] as string[];
  return types.map((type, level) => (type.startsWith('CrossAttn') ? (Array.isArray(value) ? value[level] : value) : 0));
}
