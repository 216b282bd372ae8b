import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FilePolicy } from '../file-access.ts';
import { createArtifactStore } from '../store/artifact-store.ts';
import { createThumbnailMaker } from './thumbnails.ts';

let folder: string;
let policy: FilePolicy;
const artifacts = createArtifactStore(1e8);
const make = createThumbnailMaker(artifacts);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-thumbnails-'));
  await mkdir(join(folder, 'open/models/whole'), { recursive: true });
  await writePicture('open/large.png', 800, 400);
  await writePicture('secret.png', 8, 8);
  policy = {
    baseFolders: [join(folder, 'open')],
    readFolders: [],
    modelFolders: [join(folder, 'open/models')],
    packsRoot: join(folder, 'packs'),
    trusted: [],
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const writePicture = async (path: string, width: number, height: number, color = '#336699'): Promise<void> => {
  const image = sharp({ create: { width, height, channels: 3, background: color } });
  await writeFile(join(folder, path), await (path.endsWith('.png') ? image.png() : image.jpeg()).toBuffer());
};
const sizeOf = async (kind: 'picture' | 'model', file: string): Promise<string | undefined> => {
  const found = await make({ kind, file }, policy);
  return found && `${found.widthPx}×${found.heightPx}`;
};

it('is a small picture of a picture, as a file parameter names it', async () => {
  expect(await sizeOf('picture', 'large.png')).toBe('256×128');
  const made = await make({ kind: 'picture', file: join(folder, 'open/large.png') }, policy);
  const read = await artifacts.read(made?.id ?? '');
  expect(read.ok && (await sharp(read.value.bytes).metadata())).toMatchObject({ format: 'webp', width: 256, height: 128 });
});

it('is made once for as long as the file stays the same', async () => {
  await writePicture('open/changing.png', 10, 10);
  const first = await make({ kind: 'picture', file: 'changing.png' }, policy);
  expect(await make({ kind: 'picture', file: 'changing.png' }, policy)).toEqual(first);
  await writePicture('open/changing.png', 20, 10, '#ffffff');
  await utimes(join(folder, 'open/changing.png'), 1, 1);
  expect(await sizeOf('picture', 'changing.png')).toBe('20×10');
});

it('is of nothing that may not be read, of nothing damaged, and of nothing that is no picture', async () => {
  await writeFile(join(folder, 'open/text.png'), 'no picture');
  const whole = await sharp({ create: { width: 300, height: 300, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  await writeFile(join(folder, 'open/cut.png'), whole.subarray(0, 60));
  for (const file of ['../secret.png', join(folder, 'secret.png'), 'text.png', 'cut.png', 'gone.png', '.']) {
    expect(await sizeOf('picture', file), file).toBeUndefined();
  }
});

it('of a model is the picture beside it', async () => {
  await writeFile(join(folder, 'open/models/fox.safetensors'), '');
  await writeFile(join(folder, 'open/models/bare.safetensors'), '');
  await writePicture('open/models/fox.png', 40, 40);
  expect(await sizeOf('model', 'fox')).toBe('40×40');
  await writePicture('open/models/fox.preview.png', 60, 30);
  expect(await sizeOf('model', 'fox.safetensors')).toBe('60×30');
  await writePicture('open/models/whole/preview.jpg', 30, 30);
  expect(await sizeOf('model', join(folder, 'open/models/whole'))).toBe('30×30');
  expect(await sizeOf('model', 'bare')).toBeUndefined();
  expect(await sizeOf('model', 'gone')).toBeUndefined();
});

it('is made of many at once', async () => {
  const files = Array.from({ length: 12 }, (_, at) => `many-${at}.png`);
  for (const [at, file] of files.entries()) await writePicture(`open/${file}`, 300 + at, 300);
  expect(await Promise.all(files.map((file) => sizeOf('picture', file)))).toHaveLength(12);
});
