import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { openTemporaryPictures, type TemporaryPictures } from '../../test/temporary-pictures.ts';
import { ok } from '../problem.ts';
import type { Tensor } from '../tensor.ts';
import { loadMask } from './load-mask.ts';

let temporary: TemporaryPictures;
beforeAll(async () => {
  temporary = await openTemporaryPictures('{}');
  const values = Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 51, 10, 20, 30, 0);
  await sharp(values, { raw: { width: 3, height: 1, channels: 4 } }).toFile(join(temporary.folder, 'mask.png'));
});
afterAll(() => temporary.remove());

const example = (params: Readonly<Record<string, unknown>>): NodeExample => ({
  params: { file: 'mask.png', ...params },
  pictures: temporary.pictures,
  facts: { imageFacts: () => ok({ widthPx: 3, heightPx: 1, channels: 4, fingerprint: 'mask' }) },
});

nodeContract(loadMask, {
  examples: {
    luminance: () => example({}),
    'one colour': () => example({ channel: 'green' }),
    'transparency, inverted': () => example({ channel: 'transparency', invert: true }),
  },
});

const bytesOf = async (params: Readonly<Record<string, unknown>>): Promise<number[]> => {
  const { mask } = await outputsOf(loadMask, example(params));
  return [...(mask as Tensor).data].map((value) => Math.round(value * 255));
};

it('reads where it is told to', async () => {
  expect(await bytesOf({ channel: 'transparency' })).toEqual([0, 204, 255]);
  expect(await bytesOf({ channel: 'transparency', invert: true })).toEqual([255, 51, 0]);
  // Transparent parts are laid over white first; Pillow gives 76 for pure red.
  expect((await bytesOf({}))[0]).toBe(76);
});

it('wants a file', async () => {
  expect((await runExample(loadMask, { pictures: temporary.pictures })).outcome).toMatchObject({
    ok: false,
    problem: { message: 'Load Mask has no picture to read. Choose a file.' },
  });
});
