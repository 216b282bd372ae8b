import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GraphDocument } from '../../graphs/document.ts';
import { readTinyConfig, readTinyWeights, writeTinyControlNet, writeWeights } from '../write-controlnet.ts';
import { openRealHost, type RealHost } from './open-real-host.ts';
import { makeDocument } from './open-test-host.ts';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));

let host: RealHost;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-controlnet-'));
  host = await openRealHost([folder, fixtures]);
});
afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true });
});

/** Text to image with an SD 1.5 model that attends to text 32 numbers wide, and a ControlNet. */
function graph(model: string): GraphDocument {
  return makeDocument(
    {
      checkpoint: ['model.loadCheckpoint', { model: `${fixtures}pipelines/lcm-tiny` }],
      positive: ['conditioning.textEncoder', { prompt: 'a stone house' }],
      control: ['image.load', { file: `${fixtures}images/a64.png` }],
      controlnet: ['control.apply', { model }],
      latent: ['latent.empty', { width: 64, height: 64 }],
      sampler: ['sampling.sampler', { steps: 2, guidance: 1 }],
      decode: ['latent.vaeDecode'],
      preview: ['image.preview'],
    },
    [
      'checkpoint.textEncoder > positive.textEncoder',
      'positive.conditioning > controlnet.conditioning',
      'control.image > controlnet.image',
      'controlnet.conditioning > sampler.positive',
      'checkpoint.model > sampler.model',
      'checkpoint.model > latent.model',
      'latent.latent > sampler.latent',
      'checkpoint.vae > decode.vae',
      'sampler.latent > decode.latent',
      'decode.image > preview.image',
    ],
  );
}

async function outcome(model: string): Promise<{ readonly messages: readonly string[]; readonly started: boolean }> {
  const { ended, events } = await host.run(graph(model));
  return {
    messages: ended.problems.map(({ message }) => message),
    started: events.some((event) => event.kind === 'state' && event.state.kind === 'running'),
  };
}

it('a ControlNet of another family or width is told before anything runs', async () => {
  const xl = await outcome(await writeTinyControlNet(folder, 'controlnet-sdxl'));
  expect(xl).toEqual({ messages: [expect.stringContaining('has a ControlNet for SDXL, and')], started: false });
  const narrow = await outcome(await writeTinyControlNet(folder, 'controlnet-sd'));
  expect(narrow).toEqual({ messages: [expect.stringMatching(/text 6 numbers wide, and .* gives text 32 wide/)], started: false });
  const lost = await outcome(join(folder, 'nothing'));
  expect(lost).toEqual({ messages: [expect.stringContaining('There is no')], started: false });
});

it('a ControlNet whose feature maps are others is told with both lists', async () => {
  const path = join(folder, 'other-channels');
  await writeWeights(join(path, 'diffusion_pytorch_model.safetensors'), readTinyWeights('controlnet-sd'));
  const config = { ...readTinyConfig('controlnet-sd'), cross_attention_dim: 32, conditioning_embedding_out_channels: [3, 4, 4, 4] };
  await writeFile(join(path, 'config.json'), JSON.stringify(config));
  const { messages } = await outcome(path);
  expect(messages).toEqual([
    expect.stringMatching(/^other-channels adds feature maps of 4, 4, 4, 8 channels, and the U-Net of lcm-tiny has maps of/),
  ]);
});
