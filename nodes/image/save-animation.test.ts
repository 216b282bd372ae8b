import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readPictureGraph } from '../../host/picture-graph.ts';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { openTemporaryPictures, type TemporaryPictures } from '../../test/temporary-pictures.ts';
import { tensor } from '../tensor.ts';
import { saveAnimation } from './save-animation.ts';

let temporary: TemporaryPictures;
beforeEach(async () => {
  temporary = await openTemporaryPictures('{"format":"emulsion","version":1}');
});
afterEach(() => temporary.remove());

const grey = (value: number) => tensor(new Float32Array(3 * 16 * 20).fill(value), [1, 3, 16, 20]);

nodeContract(saveAnimation, {
  examples: {
    'two pictures': () => ({ inputs: { images: [grey(0), grey(1)] }, pictures: temporary.pictures }),
    'one with transparency': () => ({ inputs: { images: [gradientPicture(1, 4, 8, 8)] }, pictures: temporary.pictures }),
  },
});

it('shows the pictures in order, at their rate, and back', async () => {
  const { outcome, results } = await runExample(saveAnimation, {
    inputs: {
      images: [
        grey(0),
        tensor(
          Float32Array.from({ length: 1920 }, (_, at) => (at < 960 ? 0.3 : 0.6)),
          [2, 3, 16, 20],
        ),
        grey(1),
      ],
    },
    params: { rate: 4, backAndForth: true, name: 'grey' },
    pictures: temporary.pictures,
  });
  expect(outcome).toMatchObject({ ok: true, value: { image: { shape: [6, 3, 16, 20] } } });
  const [result] = results;
  if (result?.kind !== 'file') throw new Error('a file is told');
  expect(result).toMatchObject({ widthPx: 20, heightPx: 16, path: expect.stringMatching(/grey\.webp$/) });
  const { pages, delay, loop, pageHeight } = await sharp(result.path, { animated: true }).metadata();
  expect({ pages, delay, loop, pageHeight }).toEqual({ pages: 6, delay: new Array(6).fill(250), loop: 0, pageHeight: 16 });
  const shown = await sharp(result.path, { animated: true }).raw().toBuffer();
  const brightness = [0, 1, 2, 3, 4, 5].map((page) => shown[page * 960 + 480]! / 255);
  for (const [at, wanted] of [0, 0.3, 0.6, 1, 0.6, 0.3].entries()) expect(brightness[at]).toBeCloseTo(wanted, 1);
  expect(readPictureGraph(await readFile(result.path))).toBe('{"format":"emulsion","version":1}');
});

it.each([
  [[], 'got no pictures'],
  [[grey(0), gradientPicture(1, 3, 8, 8)], 'pictures of 20×16 with 3 channels and of 8×8 with 3 channels'],
])('says what is missing or does not fit', async (images, sentence) => {
  const { outcome } = await runExample(saveAnimation, { inputs: { images }, pictures: temporary.pictures });
  expect(outcome.ok ? '' : outcome.problem.message).toContain(sentence);
});
