import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPictureGraph } from '../../host/picture-graph.ts';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { openTemporaryPictures, type TemporaryPictures } from '../../test/temporary-pictures.ts';
import { saveImage } from './save-image.ts';

const GRAPH = '{"format":"emulsion","version":1}';

let temporary: TemporaryPictures;

beforeEach(async () => {
  temporary = await openTemporaryPictures(GRAPH);
});

afterEach(() => temporary.remove());

nodeContract(saveImage, {
  examples: {
    'one picture': () => ({ inputs: { image: gradientPicture(1, 3, 4, 6) }, pictures: temporary.pictures }),
    'a batch with transparency': () => ({ inputs: { image: gradientPicture(3, 4, 4, 6) }, pictures: temporary.pictures }),
  },
});

describe('Save Image', () => {
  it('writes each picture of a batch, in order, and tells where', async () => {
    const image = gradientPicture(2, 3, 4, 6);
    const { outcome, results } = await runExample(saveImage, { inputs: { image }, params: { name: 'cat' }, pictures: temporary.pictures });
    expect(outcome).toEqual({ ok: true, value: { image } });
    const files = ['cat.png', 'cat-2.png'].map((name) => join(temporary.folder, name));
    expect(results).toEqual(files.map((path) => ({ kind: 'file', path, widthPx: 6, heightPx: 4 })));
    for (const [row, path] of files.entries()) {
      const { data } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
      const plane = 24;
      const wanted = Array.from(
        { length: plane * 3 },
        (_, at) => image.data[row * 3 * plane + (at % 3) * plane + Math.floor(at / 3)]! * 255,
      );
      expect([...data]).toEqual(wanted.map(Math.round));
    }
  });

  it('puts the graph into every kind of file, or leaves it out', async () => {
    const inputs = { image: gradientPicture(1, 3, 16, 16) };
    for (const format of ['png', 'webp', 'jpeg']) {
      for (const embedGraph of [true, false]) {
        const run = await runExample(saveImage, { inputs, params: { format, embedGraph }, pictures: temporary.pictures });
        const [result] = run.results;
        const bytes = await readFile(result?.kind === 'file' ? result.path : '');
        const found = readPictureGraph(bytes);
        expect(found).toEqual(embedGraph ? GRAPH : undefined);
      }
    }
    const wanted = ['jpg', 'png', 'webp'].flatMap((ending) => [`picture.${ending}`, `picture-2.${ending}`]);
    expect((await readdir(temporary.folder)).sort()).toEqual(wanted.sort());
  });

  it('writes PNG files whose graph outlives saving them anew with libvips', async () => {
    const { results } = await runExample(saveImage, { inputs: { image: gradientPicture(1, 3, 8, 8) }, pictures: temporary.pictures });
    const [result] = results;
    const again = await sharp(result?.kind === 'file' ? result.path : '')
      .keepMetadata()
      .png()
      .toBuffer();
    expect(readPictureGraph(again)).toBe(GRAPH);
  });

  it('passes on why a file could not be written', async () => {
    await temporary.remove();
    await writeFile(temporary.folder, 'a file where the folder was');
    const { outcome } = await runExample(saveImage, { inputs: { image: gradientPicture(1, 3, 2, 2) }, pictures: temporary.pictures });
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'file.writeFailed' } });
  });

  it('says that it passes its input on', async () => {
    const image = gradientPicture(1, 3, 2, 2);
    expect((await outputsOf(saveImage, { inputs: { image }, pictures: temporary.pictures }))['image']).toBe(image);
  });
});
