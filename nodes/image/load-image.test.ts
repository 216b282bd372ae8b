import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { openTemporaryPictures, type TemporaryPictures } from '../../test/temporary-pictures.ts';
import { ok } from '../problem.ts';
import { loadImage } from './load-image.ts';

let temporary: TemporaryPictures;

beforeAll(async () => {
  temporary = await openTemporaryPictures('{}');
  const write = (name: string, channels: 1 | 3 | 4, values: readonly number[]) =>
    sharp(Uint8Array.from(values), { raw: { width: 2, height: 1, channels } }).toFile(join(temporary.folder, name));
  await write('plain.png', 3, [255, 0, 51, 0, 102, 255]);
  await write('clear.png', 4, [255, 0, 51, 255, 0, 102, 255, 51]);
});

afterAll(() => temporary.remove());

function example(file: string, alpha: boolean): NodeExample {
  const channels = file === 'clear.png' ? 4 : 3;
  return {
    params: { file, alpha },
    pictures: temporary.pictures,
    facts: { imageFacts: () => ok({ widthPx: 2, heightPx: 1, channels, fingerprint: file }) },
  };
}

nodeContract(loadImage, {
  examples: {
    'an opaque picture': () => example('plain.png', false),
    'an opaque picture, transparency kept': () => example('plain.png', true),
    'a transparent picture': () => example('clear.png', false),
    'a transparent picture, transparency kept': () => example('clear.png', true),
    'a picture nothing is known of': () => ({ ...example('clear.png', true), facts: {} }),
  },
});

const f32 = (...values: number[]) => Float32Array.from(values);

describe('Load Image', () => {
  it('gives planes in 0…1 and a mask of zeros without transparency', async () => {
    const { image, mask } = await outputsOf(loadImage, example('plain.png', true));
    expect(image).toEqual({ dtype: 'float32', shape: [1, 3, 1, 2], data: f32(1, 0, 0, 0.4, 0.2, 1) });
    expect(mask).toEqual({ dtype: 'float32', shape: [1, 1, 1, 2], data: f32(0, 0) });
  });

  it('gives a mask that is 1 where the file is transparent, as ComfyUI does', async () => {
    const { mask } = await outputsOf(loadImage, example('clear.png', false));
    expect(mask).toEqual({ dtype: 'float32', shape: [1, 1, 1, 2], data: f32(0, 1 - Math.fround(0.2)) });
  });

  it('lays transparent parts over white as reading without transparency does', async () => {
    const { image } = await outputsOf(loadImage, example('clear.png', false));
    const plain = await temporary.pictures.load('clear.png', false);
    expect(plain.ok && plain.value.shape).toEqual([1, 3, 1, 2]);
    const { data } = image as { data: Float32Array };
    if (plain.ok) for (const [at, value] of plain.value.data.entries()) expect(data[at]).toBeCloseTo(value, 6);
  });

  it('keeps transparency where it is asked to', async () => {
    const { image } = await outputsOf(loadImage, example('clear.png', true));
    expect(image).toEqual({ dtype: 'float32', shape: [1, 4, 1, 2], data: f32(1, 0, 0, 0.4, 0.2, 1, 1, 0.2) });
  });

  it('says what is missing', async () => {
    const { outcome } = await runExample(loadImage, example('none.png', false));
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'file.missing' } });
    const open = await runExample(loadImage, { pictures: temporary.pictures });
    expect(open.outcome).toMatchObject({ ok: false, problem: { code: 'graph.invalidParam', socket: 'file' } });
  });
});
