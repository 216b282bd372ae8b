import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { buildAutoencoderKlDecoder, buildAutoencoderKlEncoder } from '../../models/architectures/autoencoder-kl.ts';
import { parseAutoencoderKlConfig } from '../../models/architectures/autoencoder-kl-config.ts';
import type { LoadingMode } from '../../models/onnx/session-options.ts';
import { fixturesRoot } from '../fixtures-reader.ts';
import { unwrap } from '../unwrap.ts';
import { openCaseCheckpoint, type PipelineCase, readPipelineCases, readStages, toleranceOf } from './pipeline-cases.ts';
import { differenceOf, OpenGraphs } from './run-graph.ts';

const graphs = new OpenGraphs();
afterAll(() => graphs.release());

/** A picture's channels as float32 CHW in 0…1. */
async function readPlanes(name: string, channels: 1 | 3): Promise<Float32Array> {
  const image = sharp(`${fixturesRoot()}${name}`);
  const pixels = await (channels === 1 ? image.greyscale() : image.removeAlpha()).raw().toBuffer();
  const cells = pixels.length / channels;
  return Float32Array.from({ length: pixels.length }, (_, at) => (pixels[(at % cells) * channels + Math.floor(at / cells)] ?? 0) / 255);
}

/** The pictures that diffusers encodes for a case, in order, float32 [1, 3, height, width] in −1…1. */
async function picturesOf(one: PipelineCase, count: number): Promise<Float32Array[]> {
  const picture = (await readPlanes(one.image ?? '', 3)).map((value) => 2 * value - 1);
  if (one.mask === undefined) return [picture];
  const mask = await readPlanes(one.mask, 1);
  const masked = picture.map((value, at) => ((mask[at % mask.length] ?? 0) < 0.5 ? value : 0));
  // At full strength a model with mask channels needs only what is left to see.
  return count === 1 ? [one.family === 'inpaint' ? masked : picture] : [picture, masked];
}

async function expectEncoded(one: PipelineCase, mode: LoadingMode): Promise<void> {
  const { vae } = await openCaseCheckpoint(one);
  const stage = readStages(one);
  const count = 'vae_mean.1' in one.float64_difference ? 2 : 1;
  const { width, height } = one;
  const build = () =>
    unwrap(buildAutoencoderKlEncoder(unwrap(parseAutoencoderKlConfig(vae.config)), vae.weights, { height, width }, { device: 'cpu' }));
  for (const [index, data] of (await picturesOf(one, count)).entries()) {
    const { mean, std } = await graphs.run(
      `encoder ${one.pipeline} ${width}x${height}`,
      build,
      { sample: { data, shape: [1, 3, height, width] } },
      mode,
    );
    for (const [name, got] of [
      [`vae_mean.${index}`, mean],
      [`vae_std.${index}`, std],
    ] as const) {
      expect(differenceOf(got, stage(name).data), name).toBeLessThanOrEqual(toleranceOf(one, name));
    }
  }
}

async function expectDecoded(one: PipelineCase, mode: LoadingMode): Promise<void> {
  const { vae } = await openCaseCheckpoint(one);
  const stage = readStages(one);
  const config = unwrap(parseAutoencoderKlConfig(vae.config));
  const { data, shape } = stage('latents.final');
  const [, , height = 0, width = 0] = shape;
  const build = () => unwrap(buildAutoencoderKlDecoder(config, vae.weights, { height, width }, { device: 'cpu' }));
  const latents = data.map((value) => value / config.scalingFactor + config.shiftFactor);
  const { sample } = await graphs.run(
    `decoder ${one.pipeline} ${width}x${height}`,
    build,
    { latent_sample: { data: latents, shape } },
    mode,
  );
  const image = sample?.map((value) => Math.min(1, Math.max(0, value / 2 + 0.5)));
  expect(differenceOf(image, stage('image').data)).toBeLessThanOrEqual(toleranceOf(one, 'image'));
}

const cases = readPipelineCases();
const firsts = (all: readonly PipelineCase[]): PipelineCase[] =>
  all.filter((one, index) => all.findIndex(({ pipeline }) => pipeline === one.pipeline) === index);

describe('autoencoders, encoding', () => {
  // A picture of another size is resampled first, which is not the encoder's.
  const pictured = cases.filter((one) => one.image !== undefined && !one.id.endsWith('-resize'));

  it.each(pictured)('give the posterior that diffusers gives: $id, $width×$height', async (one) => {
    await expectEncoded(one, 'streaming');
  });

  it.each(firsts(pictured))('give the same with resident weights: $pipeline', async (one) => {
    await expectEncoded(one, 'resident');
  });
});

describe('autoencoders, decoding', () => {
  it.each(cases)('give the picture that diffusers gives: $id, $width×$height', async (one) => {
    await expectDecoded(one, 'streaming');
  });

  it.each(firsts(cases))('give the same with resident weights: $pipeline', async (one) => {
    await expectDecoded(one, 'resident');
  });
});
