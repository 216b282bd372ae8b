import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GraphDocument } from '../../graphs/document.ts';
import { writeTaesd } from '../write-taesd.ts';
import { openRealHost, type RealHost } from './open-real-host.ts';
import { makeDocument } from './open-test-host.ts';

const golden = fileURLToPath(new URL('../golden/', import.meta.url));
const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));

let host: RealHost;
let folder = '';
let taesd = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-networks-'));
  ({ decoder: taesd } = await writeTaesd(folder));
  host = await openRealHost([folder, fixtures, golden]);
});
afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true });
});

/** Text to image with another decoder for previews and pictures, which then go through networks in ONNX; with a picture as a prompt or without. */
function graph(model: string, strength: number | undefined): GraphDocument {
  const text = 'positive.conditioning';
  return makeDocument(
    {
      checkpoint: ['model.loadCheckpoint', { model: `${golden}onnx-folders/${model}` }],
      taesd: ['model.loadVae', { model: taesd }],
      preview: ['model.previewDecoder'],
      positive: ['conditioning.textEncoder', { prompt: 'an owl' }],
      ...(strength === undefined
        ? {}
        : {
            picture: ['image.load', { file: `${fixtures}images/a64.png` }],
            adapter: ['model.loadIpAdapter', { model: `${golden}ip-adapter/for-sd-folder.safetensors` }],
            prompt: ['control.applyIpAdapter', { strength }],
          }),
      latent: ['latent.empty', { width: 64, height: 64 }],
      sampler: ['sampling.sampler', { steps: 3, guidance: 3, seed: '4' }],
      decode: ['latent.vaeDecode'],
      larger: ['image.upscale', { model: `${golden}onnx-folders/nets/upscale-x2.onnx` }],
      painted: ['image.runOnnxModel', { model: `${golden}onnx-folders/nets/rows-last.onnx` }],
    },
    [
      'checkpoint.textEncoder > positive.textEncoder',
      'checkpoint.model > preview.model',
      'taesd.vae > preview.vae',
      'preview.model > sampler.model',
      'preview.model > latent.model',
      ...(strength === undefined
        ? [`${text} > sampler.positive`]
        : [
            `${text} > prompt.conditioning`,
            'adapter.ipAdapter > prompt.ipAdapter',
            'picture.image > prompt.image',
            'prompt.conditioning > sampler.positive',
          ]),
      `${text} > sampler.negative`,
      'latent.latent > sampler.latent',
      'taesd.vae > decode.vae',
      'sampler.latent > decode.latent',
      'decode.image > larger.image',
      'larger.image > painted.image',
    ],
  );
}

const wanted = ['sampler.latent', 'painted.image'];

it('a graph draws the same from safetensors and from ONNX, through networks of other people', async () => {
  const [own, foreign] = [await host.run(graph('sd', undefined), wanted), await host.run(graph('sd-onnx', undefined), wanted)];
  expect([own.ended.problems, foreign.ended.problems]).toEqual([[], []]);
  for (const place of wanted) {
    const [want, got] = [own.values.get(place), foreign.values.get(place)];
    expect(got?.shape).toEqual(want?.shape);
    const distance = want?.data.map((value, at) => Math.abs(value - (got?.data[at] ?? Number.NaN))) ?? [Number.NaN];
    expect(Math.max(...distance)).toBeLessThan(5e-3);
  }
  expect(own.values.get('painted.image')?.shape).toEqual([1, 3, 128, 128]);
});

it('a picture says what is drawn, and ONNX graphs say that it cannot', async () => {
  const plain = await host.run(graph('sd', undefined), wanted);
  const [without, led] = [await host.run(graph('sd', 0), wanted), await host.run(graph('sd', 1), wanted)];
  expect(without.values.get('sampler.latent')).toEqual(plain.values.get('sampler.latent'));
  expect(led.values.get('sampler.latent')?.data).not.toEqual(plain.values.get('sampler.latent')?.data);
  const { ended } = await host.run(graph('sd-onnx', 1));
  expect(ended.problems).toMatchObject([{ code: 'model.unsupported', message: expect.stringContaining('IP-Adapters need its weights') }]);
});

it('work in progress is seen through the decoder that was chosen', async () => {
  const sizes: number[] = [];
  const request = {
    document: graph('sd', undefined),
    policy: { baseFolders: [folder, fixtures, golden], readFolders: [], modelFolders: [], packsRoot: '', trusted: [] },
    outFolder: join(folder, 'out'),
    device: 'cpu',
    memory: 'auto',
    useCache: false,
    previews: true,
    dumps: [],
  } as const;
  const { outcome } = await host.host.run(request, (event) => {
    if (event.kind === 'preview' && event.nodeId === 'sampler') sizes.push(event.picture.widthPx);
  }).ended;
  expect(outcome).toBe('done');
  // Eight times as wide as the latents; steps this fast share a preview.
  expect(sizes.length).toBeGreaterThan(0);
  expect(new Set(sizes)).toEqual(new Set([64]));
});
