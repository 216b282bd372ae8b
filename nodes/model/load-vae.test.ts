import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAddOnFacts } from '../../host/add-on-facts.ts';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { writeWeights } from '../../test/write-controlnet.ts';
import { readTaesdWeights, writeTaesd } from '../../test/write-taesd.ts';
import { vaeDecode } from '../latent/vae-decode.ts';
import { vaeEncode } from '../latent/vae-encode.ts';
import type { LatentValue, VaeValue } from '../socket-values.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { loadVae } from './load-vae.ts';

let models: TestModels;
let folder = '';
beforeAll(async () => {
  models = openTestModels();
  folder = await mkdtemp(join(tmpdir(), 'emulsion-vae-'));
});
afterAll(async () => {
  await models.close();
  await rm(folder, { recursive: true });
});

const pack = fileURLToPath(new URL('../../models/packs/emoji', import.meta.url));

async function example(model: string, params: Readonly<Record<string, unknown>> = {}): Promise<NodeExample> {
  const facts = await readAddOnFacts('vae', model);
  return { params: { model, ...params }, models: models.runtime, facts: { addOnFacts: () => facts } };
}

async function open(model: string, params: Readonly<Record<string, unknown>> = {}): Promise<VaeValue> {
  const { vae } = await outputsOf(loadVae, await example(model, params));
  return vae as VaeValue; // what the node declares
}

nodeContract(loadVae, {
  examples: {
    'a TAESD': async () => example((await writeTaesd(folder)).folder),
    'one for SDXL, by hand': async () => example((await writeTaesd(folder)).folder, { space: 'sdxl' }),
    'a checkpoint’s': () => example(pack),
    'one that nothing is known of': async () => ({ ...(await example(pack)), facts: {} }),
  },
});

const latentsOf = (channels: number): Tensor =>
  tensor(
    Float32Array.from({ length: 2 * channels * 3 * 5 }, (_, at) => 2 * Math.sin(at)),
    [2, channels, 3, 5],
  );

async function decode(vae: VaeValue): Promise<Float32Array> {
  const latent: LatentValue = { kind: 'latent', samples: latentsOf(vae.space.channels), space: vae.space };
  const { image } = await outputsOf(vaeDecode, { inputs: { vae, latent }, models: models.runtime });
  return (image as Tensor).data; // what the node declares
}

describe('Load VAE', () => {
  it('reads TAESD in diffusers’ layout and in the original’s, where the halves find each other', async () => {
    const written = await writeTaesd(folder);
    const vaes = await Promise.all([written.folder, written.decoder, written.encoder, written.joined].map((path) => open(path)));
    const [first, ...others] = await Promise.all(vaes.map(decode));
    for (const other of others) expect(other).toEqual(first);
    const encoded = await Promise.all(
      vaes.map((vae) => outputsOf(vaeEncode, { inputs: { vae, image: gradientPicture(1, 3, 16, 24) }, models: models.runtime })),
    );
    for (const { latent } of encoded) {
      expect(latent).toEqual(encoded[0]?.['latent']);
      expect(latent).not.toHaveProperty('posterior');
    }
  });

  it('says which half is missing', async () => {
    const lone = await writeWeights(join(folder, 'lone', 'taesd_decoder.safetensors'), readTaesdWeights('decoder', 1));
    const vae = await open(lone);
    expect((await decode(vae)).every((value) => value >= 0 && value <= 1)).toBe(true);
    const { outcome } = await runExample(vaeEncode, { inputs: { vae, image: gradientPicture(1, 3, 16, 16) }, models: models.runtime });
    expect(outcome).toMatchObject({ problem: { code: 'model.missing', message: expect.stringContaining('taesd_encoder.safetensors') } });
  });

  it('tells the latent space from config or name, unless it is said by hand', async () => {
    const { folder: diffusers } = await writeTaesd(folder);
    const xl = await writeWeights(join(folder, 'xl', 'taesdxl_decoder.safetensors'), readTaesdWeights('decoder', 1));
    expect((await open(diffusers)).space.id).toBe('sd');
    expect((await open(diffusers, { space: 'sdxl' })).space.id).toBe('sdxl');
    expect((await open(xl)).space.id).toBe('sdxl');
    expect((await open(xl, { space: 'sd' })).space.id).toBe('sd');
    expect((await open(pack)).space.id).toBe((await models.open('emoji')).vae.space.id);
  });

  it('decodes like the checkpoint whose autoencoder it is', async () => {
    const { vae } = await models.open('emoji');
    expect(await decode(await open(pack))).toEqual(await decode(vae));
  });

  it('refuses what is none, and spaces that cannot be', async () => {
    const refusal = async (params: Readonly<Record<string, unknown>>): Promise<string> => {
      const { outcome } = await runExample(loadVae, { params, models: models.runtime });
      return outcome.ok ? 'accepted' : outcome.problem.message;
    };
    expect(await refusal({})).toContain('has no autoencoder to open');
    expect(await refusal({ model: join(pack, 'unet') })).toContain('describes a UNet2DConditionModel');
    expect(await refusal({ model: join(pack, 'unet', 'diffusion_pytorch_model.safetensors') })).toContain('is not an autoencoder');
    expect(await refusal({ model: pack, space: 'sdxl' })).toContain('cannot be an autoencoder of SDXL');
    expect(await refusal({ model: '/nowhere' })).toContain('/nowhere');
  });
});
