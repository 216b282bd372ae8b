import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readAddOnFacts } from '../../host/add-on-facts.ts';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { createResampler } from './resample.ts';
import { upscaleImage } from './upscale-image.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

const folder = fileURLToPath(new URL('../../models/packs/realesr-animevideov3', import.meta.url));

function example(image: Tensor, params: Readonly<Record<string, unknown>> = {}): NodeExample {
  // The test runtime finds models by their paths.
  const runtime = { ...models.runtime, openUpscaler: () => models.runtime.openUpscaler(folder) };
  return { inputs: { image }, params, models: runtime };
}

const nets = fileURLToPath(new URL('../../test/golden/onnx-folders/', import.meta.url));

async function foreign(image: Tensor, params: Readonly<Record<string, unknown>> = {}): Promise<NodeExample> {
  const model = `${nets}nets/upscale-x2.onnx`;
  const facts = await readAddOnFacts('upscaler', model);
  return { inputs: { image }, params: { model, ...params }, models: models.runtime, facts: { addOnFacts: () => facts } };
}

nodeContract(upscaleImage, {
  examples: {
    'another one in ONNX': () => foreign(gradientPicture(1, 3, 20, 31)),
    'the bundled one, known beforehand': async () => {
      const facts = await readAddOnFacts('upscaler', folder);
      return { ...example(gradientPicture(1, 3, 8, 9)), facts: { addOnFacts: () => facts } };
    },
    'one picture': () => example(gradientPicture(1, 3, 20, 31)),
    'a grey batch in tiles': () => example(gradientPicture(2, 1, 70, 90), { tile: 64 }),
    'eight times, faithful': () => example(gradientPicture(1, 3, 10, 12), { factor: 'x8', faithful: 1 }),
    twice: () => example(gradientPicture(1, 3, 70, 12), { factor: 'x2', tile: 64 }),
  },
});

it('gives the same in tiles as in one piece', async () => {
  const image = gradientPicture(1, 3, 150, 97);
  const [whole, tiled] = await Promise.all([4096, 64].map((tile) => outputsOf(upscaleImage, example(image, { tile }))));
  const [a, b] = [whole?.['image'] as Tensor, tiled?.['image'] as Tensor];
  expect(a.data.reduce((most, value, at) => Math.max(most, Math.abs(value - (b.data[at] ?? 0))), 0)).toBeLessThan(1e-4);
});

it('gives back more of a shrunken drawing than bicubic, by 2 dB', async () => {
  const drawing = await drawOwl(256);
  const full = { width: 256, height: 256 };
  const quarter = { width: 64, height: 64 };
  const shrink = eachChannel(createResampler(full, quarter, 'bicubic'));
  const small = tensor(
    shrink(drawing).map((value) => Math.min(1, Math.max(0, value))),
    [1, 3, 64, 64],
  );
  const { image } = await outputsOf(upscaleImage, example(small));
  const bicubic = eachChannel(createResampler(quarter, full, 'bicubic'))(small);
  expect(psnr((image as Tensor).data, drawing.data)).toBeGreaterThan(psnr(bicubic, drawing.data) + 2);
});

it('faithful, it gives back more, and shrunk it is about what came in', async () => {
  const drawing = await drawOwl(256);
  const [full, quarter] = [
    { width: 256, height: 256 },
    { width: 64, height: 64 },
  ];
  const shrink = eachChannel(createResampler(full, quarter, 'box'));
  const small = tensor(shrink(drawing), [1, 3, 64, 64]);
  const [free, kept] = await Promise.all([0, 1].map((faithful) => outputsOf(upscaleImage, example(small, { faithful }))));
  const [a, b] = [free?.['image'] as Tensor, kept?.['image'] as Tensor];
  expect(psnr(b.data, drawing.data)).toBeGreaterThan(psnr(a.data, drawing.data) + 0.5);
  expect(psnr(shrink(b), small.data)).toBeGreaterThan(psnr(shrink(a), small.data) + 3);
});

it('refuses to make pictures that are too large', async () => {
  const { outcome } = await runExample(upscaleImage, example(gradientPicture(1, 3, 1024, 520), { factor: 'x16' }));
  expect(outcome).toMatchObject({ ok: false, problem: { socket: 'factor', message: expect.stringContaining('8320×16384 pixels') } });
});

it('enlarges in tiles with networks in ONNX too, as often as they do', async () => {
  const image = gradientPicture(1, 3, 150, 97);
  const [whole, tiled] = await Promise.all([4096, 64].map(async (tile) => outputsOf(upscaleImage, await foreign(image, { tile }))));
  expect(tiled).toEqual(whole);
  expect((whole?.['image'] as Tensor | undefined)?.shape).toEqual([1, 3, 300, 194]);
});

it('refuses networks that are no upscalers', async () => {
  const refusal = async (model: string): Promise<string> => {
    const { outcome } = await runExample(upscaleImage, await foreign(gradientPicture(1, 3, 8, 8), { model: nets + model }));
    return outcome.ok ? 'accepted' : outcome.problem.message;
  };
  expect(await refusal('nets/depth-24x16.onnx')).toContain('takes pictures of 16×24 pixels alone');
  expect(await refusal('sd-onnx/unet/model.onnx')).toContain('a network that takes one picture and nothing else');
  expect(await refusal('sd')).toContain('no config.json');
  expect(await refusal('nets/expected.safetensors')).toContain('is not an upscaler that is known here');
});

it('refuses transparency', async () => {
  const { outcome } = await runExample(upscaleImage, example(gradientPicture(1, 4, 8, 8)));
  expect(outcome).toMatchObject({ ok: false, problem: { socket: 'image' } });
});

const OWL = `
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128">
  <rect width="128" height="128" fill="#fff"/>
  <path d="M24 20 44 32Q64 26 84 32L104 20 102 60Q112 112 64 116 16 112 26 60Z" fill="#8d5a3b" stroke="#4b2c1a" stroke-width="3"/>
  <circle cx="46" cy="56" r="17" fill="#fff3d6"/><circle cx="82" cy="56" r="17" fill="#fff3d6"/>
  <circle cx="46" cy="56" r="8" fill="#202020"/><circle cx="82" cy="56" r="8" fill="#202020"/>
  <path d="M58 68 70 68 64 80Z" fill="#f5a623"/>
  <path d="M40 92q6 8 12 0 6 8 12 0 6 8 12 0 6 8 12 0" fill="none" stroke="#e8c39e" stroke-width="3"/>
</svg>`;

/** A drawing with outlines and flat colours, float32 [1, 3, size, size] in 0…1. */
async function drawOwl(size: number): Promise<Tensor> {
  const pixels = await sharp(Buffer.from(OWL)).resize(size, size).removeAlpha().raw().toBuffer();
  const data = new Float32Array(3 * size * size);
  for (let at = 0; at < data.length; at++) data[at] = (pixels[(at % (size * size)) * 3 + Math.floor(at / (size * size))] ?? 0) / 255;
  return tensor(data, [1, 3, size, size]);
}

function eachChannel(resample: (plane: Float32Array) => Float32Array): (picture: Tensor) => Float32Array {
  return ({ data }) => {
    const plane = data.length / 3;
    return Float32Array.from([0, 1, 2].flatMap((channel) => [...resample(data.subarray(channel * plane, (channel + 1) * plane))]));
  };
}

function psnr(got: Float32Array, want: Float32Array): number {
  const error = want.reduce((sum, value, at) => sum + (value - (got[at] ?? 0)) ** 2, 0) / want.length;
  return -10 * Math.log10(error);
}
