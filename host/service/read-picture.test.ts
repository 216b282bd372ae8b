import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sentenceOf } from '../../test/contracts/command-contract.ts';
import { unwrap } from '../../test/unwrap.ts';
import type { FilePolicy } from '../file-access.ts';
import { readPicture } from './read-picture.ts';

let folder: string;
let policy: FilePolicy;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-read-picture-'));
  policy = { baseFolders: [folder], readFolders: [], modelFolders: [], packsRoot: join(folder, 'packs'), trusted: [] };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const flat = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } } });

it('gives the pixels of a file with their transparency', async () => {
  await writeFile(join(folder, 'half.webp'), await flat(3, 2).webp({ lossless: true }).toBuffer());
  const { bytes, ...facts } = unwrap(await readPicture('half.webp', policy));
  expect(facts).toEqual({ mime: 'image/png', widthPx: 3, heightPx: 2, fileWidthPx: 3, fileHeightPx: 2 });
  expect([...(await sharp(bytes).raw().toBuffer())].slice(0, 4)).toEqual([255, 0, 0, 128]);
});

it('turns photographs upright', async () => {
  await writeFile(join(folder, 'turned.jpg'), await flat(40, 20).flatten().withMetadata({ orientation: 6 }).jpeg().toBuffer());
  expect(unwrap(await readPicture('turned.jpg', policy))).toMatchObject({ widthPx: 20, heightPx: 40, fileWidthPx: 20, fileHeightPx: 40 });
});

it('makes very large ones smaller, and says how large the file is', async () => {
  await writeFile(join(folder, 'large.png'), await flat(6000, 3000).png().toBuffer());
  const read = unwrap(await readPicture('large.png', policy));
  expect(read).toMatchObject({ fileWidthPx: 6000, fileHeightPx: 3000 });
  expect(read.widthPx * read.heightPx).toBeLessThanOrEqual(2 ** 23);
  expect(read.widthPx / read.heightPx).toBeCloseTo(2, 2);
});

it('refuses what may not be read, what is no picture and what is damaged', async () => {
  await writeFile(join(folder, 'text.png'), 'no picture');
  await writeFile(join(folder, 'cut.png'), (await flat(300, 300).png().toBuffer()).subarray(0, 60));
  expect(sentenceOf(await readPicture('/etc/passwd', policy))).toContain('lies outside');
  expect(sentenceOf(await readPicture('text.png', policy))).toContain('no picture that can be read');
  expect(sentenceOf(await readPicture('cut.png', policy))).toMatch(/^cut\.png is a damaged/);
});
