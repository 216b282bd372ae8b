import { copyFile, cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelRuntime } from '../../nodes/context.ts';
import { runSampler } from '../../nodes/sampling/run-sampler.ts';
import type { LatentValue } from '../../nodes/socket-values.ts';
import { type Tensor, zeros } from '../../nodes/tensor.ts';
import { gradientPicture } from '../gradient-picture.ts';
import { openTestModels, type TestModels } from '../open-test-models.ts';
import { unwrap } from '../unwrap.ts';
import { PLAIN_SAMPLING } from './plain-sampling.ts';
import { differenceOf } from './run-graph.ts';
import { samplerContext } from './sampler-context.ts';

const folder = fileURLToPath(new URL('./onnx-folders/', import.meta.url));
const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
let models: TestModels;
let halves = '';
beforeAll(async () => {
  models = openTestModels();
  // The same pipeline with a U-Net of one size that takes and gives halves.
  halves = await mkdtemp(join(tmpdir(), 'emulsion-onnx-'));
  await cp(`${folder}sd-onnx`, halves, { recursive: true });
  await rm(join(halves, 'unet'), { recursive: true });
  await cp(`${folder}sd-half-onnx/unet`, join(halves, 'unet'), { recursive: true });
});
afterAll(async () => {
  await models.close();
  await rm(halves, { recursive: true });
});

interface Drawn {
  readonly states: Tensor;
  readonly latents: Tensor;
  readonly image: Tensor;
}

const settings = { ...PLAIN_SAMPLING, seed: '7', guidance: 4 } as const;

/** What a pipeline draws of a text, with guidance. */
async function draw(path: string, { steps = 3, batch = 1, width = 8, height = 8, scheduler = 'default' } = {}): Promise<Drawn> {
  const runtime: ModelRuntime = models.runtime;
  const { model, textEncoder, vae } = unwrap(await runtime.open(path, null));
  const positive = unwrap(await runtime.encodeText(textEncoder, { prompt: 'an owl, a fox', clipSkip: 0 }));
  const negative = unwrap(await runtime.encodeText(textEncoder, { prompt: '', clipSkip: 0 }));
  const latent: LatentValue = { kind: 'latent', samples: zeros([batch, 4, height, width]), space: model.space };
  const { samples } = unwrap(
    await runSampler({ ...settings, model, positive, negative, latent, steps, scheduler }, samplerContext(runtime)),
  );
  return { states: positive.states, latents: samples, image: unwrap(await runtime.decode(vae, samples)) };
}

describe('a pipeline in ONNX', () => {
  it.each([
    ['sd', 'sd-onnx', {}],
    ['sd', 'sd-onnx', { batch: 2, width: 11, height: 5, scheduler: 'dpmpp_2m' }],
    ['sdxl', 'sdxl-onnx', {}],
    ['sdxl', 'sdxl-onnx', { batch: 3, width: 6, height: 9 }],
  ])('draws what the safetensors that %s was exported from draw: %s %o', async (source, exported, how) => {
    const [want, got] = [await draw(folder + source, how), await draw(folder + exported, how)];
    expect(differenceOf(got.states.data, want.states.data)).toBeLessThanOrEqual(5e-5);
    expect(differenceOf(got.latents.data, want.latents.data)).toBeLessThanOrEqual(5e-4);
    expect(got.image.shape).toEqual(want.image.shape);
    expect(differenceOf(got.image.data, want.image.data)).toBeLessThanOrEqual(5e-4);
  });

  it('opens from a Hugging Face cache, whose folders hold links to a store', async () => {
    const repository = await mkdtemp(join(tmpdir(), 'emulsion-hub-'));
    const [cache, snapshot] = [join(repository, 'models--some--sdxl'), join(repository, 'models--some--sdxl', 'snapshots', 'main')];
    try {
      await mkdir(join(cache, 'blobs'), { recursive: true });
      for (const [index, entry] of (await readdir(`${folder}sdxl-onnx`, { recursive: true, withFileTypes: true })).entries()) {
        if (!entry.isFile()) continue;
        const place = join(snapshot, entry.parentPath.slice(`${folder}sdxl-onnx`.length), entry.name);
        await mkdir(dirname(place), { recursive: true });
        await copyFile(join(entry.parentPath, entry.name), join(cache, 'blobs', String(index)));
        await symlink(relative(dirname(place), join(cache, 'blobs', String(index))), place);
      }
      expect((await draw(snapshot)).latents).toEqual((await draw(`${folder}sdxl-onnx`)).latents);
    } finally {
      await rm(repository, { recursive: true });
    }
  });

  it.each([{ batch: 1 }, { batch: 3 }])('may take halves and a fixed batch: %o', async (how) => {
    const [want, got] = [await draw(`${folder}sd`, how), await draw(halves, how)];
    expect(differenceOf(got.latents.data, want.latents.data)).toBeLessThanOrEqual(2e-2);
  });

  it.each([
    ['sd', 'sd-onnx'],
    ['sdxl', 'sdxl-onnx'],
  ])('encodes pictures to the same distribution: %s', async (source, exported) => {
    const image = gradientPicture(1, 3, 24, 40);
    const encode = async (path: string) => {
      const { vae } = unwrap(await models.runtime.open(path, null));
      return unwrap(await models.runtime.encode(vae, image));
    };
    const [want, got] = [await encode(folder + source), await encode(folder + exported)];
    expect(differenceOf(got.mean.data, want.mean.data)).toBeLessThanOrEqual(1e-4);
    expect(differenceOf(got.std?.data, want.std?.data ?? new Float32Array())).toBeLessThanOrEqual(1e-4);
  });

  it('is described like the folder it came from', async () => {
    for (const [source, exported] of [
      ['sd', 'sd-onnx'],
      ['sdxl', 'sdxl-onnx'],
    ] as const) {
      const [want, got] = [
        unwrap(await models.runtime.open(folder + source, null)),
        unwrap(await models.runtime.open(folder + exported, null)),
      ];
      const told = ({ model, textEncoder, vae }: typeof want) => ({
        family: model.family,
        prediction: model.prediction,
        space: model.space,
        inChannels: model.inChannels,
        width: model.conditioningWidth,
        timeIds: model.timeIds,
        tokens: textEncoder.tokens,
        dim: textEncoder.dim,
        vae: vae.space,
      });
      expect(told(got)).toEqual(told(want));
    }
  });
});

describe('what a pipeline in ONNX cannot do is said', () => {
  const refusal = async (path: string, how: Parameters<typeof draw>[1]): Promise<string> => {
    try {
      await draw(path, how);
      return 'accepted';
    } catch (error) {
      return String(error);
    }
  };

  it('where it was exported for one size', async () => {
    expect(await refusal(halves, { width: 9 })).toContain('was exported for sample of 2×4×8×8, float16, and gets 2×4×8×9');
  });

  it('where it was exported for whole timesteps', async () => {
    expect(await refusal(`${folder}sdxl-onnx`, { scheduler: 'euler_karras' })).toContain('was exported for whole numbers in timestep');
  });

  it('where layers would be left out, or the network changed', async () => {
    const { model, textEncoder } = unwrap(await models.runtime.open(`${folder}sd-onnx`, null));
    const skipped = await models.runtime.encodeText(textEncoder, { prompt: 'a fox', clipSkip: 1 });
    expect(skipped).toMatchObject({ problem: { socket: 'clipSkip', message: expect.stringContaining('Set Clip skip to 0') } });
    const size = { batch: 1, width: 8, height: 8, controlled: { residuals: true, features: false } };
    const controlled = await models.runtime.openDenoiser(model, size);
    const lora = { reference: `${fixtures}loras/sd15-peft.safetensors`, strength: 1, textStrength: 1 };
    const embedding = { reference: `${fixtures}embeddings/wibble.safetensors`, token: null };
    const changed = [
      ['LoRAs', await models.runtime.applyLora(lora, { model, textEncoder })],
      ['embeddings', await models.runtime.addEmbedding(embedding, textEncoder)],
    ] as const;
    for (const [what, outcome] of changed) {
      expect(outcome).toMatchObject({
        problem: { code: 'model.unsupported', message: expect.stringContaining(`${what} need its weights`) },
      });
    }
    expect(controlled).toMatchObject({
      problem: { code: 'model.unsupported', message: expect.stringContaining('ControlNets need its weights') },
    });
  });
});
