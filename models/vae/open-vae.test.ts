import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixturesRoot } from '../../test/fixtures-reader.ts';
import { unwrap } from '../../test/unwrap.ts';
import { writeSparseSafetensors } from '../../test/write-sparse-safetensors.ts';
import { writeTaesd } from '../../test/write-taesd.ts';
import { openCheckpoint } from '../checkpoint/open-checkpoint.ts';
import { describeVae, openVae } from './open-vae.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-vae-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('a pipeline may have a TAESD, which then reads the latents of the pipeline’s family', async () => {
  const pipeline = join(folder, 'with-taesd');
  await cp(`${fixturesRoot()}pipelines/lcm-tiny`, pipeline, { recursive: true });
  await rm(join(pipeline, 'vae'), { recursive: true });
  await cp((await writeTaesd(folder)).folder, join(pipeline, 'vae'), { recursive: true });
  const indexPath = join(pipeline, 'model_index.json');
  const index: Record<string, unknown> = JSON.parse(await readFile(indexPath, 'utf8'));
  await writeFile(indexPath, JSON.stringify({ ...index, vae: ['diffusers', 'AutoencoderTiny'] }));
  const checkpoint = unwrap(await openCheckpoint(pipeline));
  expect(checkpoint.latentSpace).toMatchObject({ id: 'sd', channels: 4, factor: 8, scalingFactor: 1 });
  expect(unwrap(await openVae(pipeline)).config).toEqual(checkpoint.vae.config);
});

it('a single file’s autoencoder is described like the folder it came from', async () => {
  const path = `${fixturesRoot()}pipelines/lcm-tiny/vae/`;
  await cp(`${path}diffusion_pytorch_model.safetensors`, join(folder, 'sdxl_vae.safetensors'));
  const [whole, alone] = [unwrap(await openVae(path)), unwrap(await openVae(join(folder, 'sdxl_vae.safetensors')))];
  const [known, told] = [unwrap(describeVae(whole, 'auto')), unwrap(describeVae(alone, 'auto'))];
  expect(told.config['block_out_channels']).toEqual(known.config['block_out_channels']);
  expect(told.space).toMatchObject({ channels: known.space.channels, factor: known.space.factor, scalingFactor: 0.13025 });
});

it('an autoencoder with attention under older names is not taken for one without attention', async () => {
  const path = `${fixturesRoot()}pipelines/sd15-tiny/vae/`;
  await cp(`${path}diffusion_pytorch_model.safetensors`, join(folder, 'older.safetensors'));
  const [whole, alone] = [unwrap(await openVae(path)), unwrap(await openVae(join(folder, 'older.safetensors')))];
  expect([...alone.weights.names()].some((name) => name.endsWith('attentions.0.query.weight'))).toBe(true);
  expect(alone.config['mid_block_add_attention']).toBe(whole.config['mid_block_add_attention'] ?? true);
});

it('an autoencoder that its training left counts beside is read like one without', async () => {
  const names = ['encoder.conv_in.weight', 'decoder.conv_in.weight', 'decoder.up.0.block.0.conv1.weight', 'epoch', 'global_step'];
  const path = await writeSparseSafetensors(
    join(folder, 'counted.safetensors'),
    Object.fromEntries(names.map((name) => [name, [2, 2, 3, 3]])),
  );
  const opened = await openVae(path);
  expect(opened.ok ? '' : opened.problem.message).not.toMatch(/epoch|global_step/);
});
