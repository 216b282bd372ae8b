import { mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PictureFiles } from '../../nodes/context.ts';
import type { Problem } from '../../nodes/problem.ts';
import { type Tensor, tensor } from '../../nodes/tensor.ts';
import { makePng, pngChunk, xmpChunk } from '../../test/e2e/make-png.ts';
import { encodePreview } from './encode-preview.ts';
import { createPictureFiles } from './picture-files.ts';

let folder: string;
let pictures: PictureFiles;
const warnings: Problem[] = [];
const make = (outFolder: string | null, graph = '{}'): PictureFiles =>
  createPictureFiles({
    policy: { baseFolders: [folder], readFolders: [], modelFolders: [], packsRoot: join(folder, 'packs'), trusted: [] },
    outFolder,
    graphText: () => graph,
    warn: (problem) => warnings.push(problem),
  });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-pictures-'));
  pictures = make(join(folder, 'out'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A picture whose values are all of k/255. */
function ramp(channels: number, size = 16): Tensor {
  const data = Float32Array.from({ length: channels * size * size }, (_, at) => ((at * 7) % 256) / 255);
  return tensor(data, [1, channels, size, size]);
}

async function load(name: string, bytes?: Uint8Array, alpha = false): Promise<Tensor | string> {
  if (bytes !== undefined) await writeFile(join(folder, name), bytes);
  const loaded = await pictures.load(name, alpha);
  return loaded.ok ? loaded.value : `${loaded.problem.code}: ${loaded.problem.message}`;
}

describe('a picture that was saved', () => {
  it.each([
    [3, 16],
    [4, 16],
    [3, 148],
    [4, 148],
  ])('as PNG with %i channels, %i pixels wide, comes back as it was', async (channels, size) => {
    const image = ramp(channels, size);
    const saved = await pictures.save(image, { name: `png-${channels}-${size}`, format: 'png', embedGraph: true });
    if (!saved.ok) throw new Error(saved.problem.message);
    const loaded = await pictures.load(saved.value, channels === 4);
    expect(loaded).toEqual({ ok: true, value: image });
  });

  it('of one channel comes back grey', async () => {
    const saved = await pictures.save(ramp(1), { name: 'grey', format: 'png', embedGraph: false });
    if (!saved.ok) throw new Error(saved.problem.message);
    const loaded = await pictures.load(saved.value, false);
    if (!loaded.ok) throw new Error(loaded.problem.message);
    expect(loaded.value.shape).toEqual([1, 3, 16, 16]);
    for (const plane of [0, 1, 2]) expect(loaded.value.data.subarray(plane * 256, (plane + 1) * 256)).toEqual(ramp(1).data);
  });

  it.each(['webp', 'jpeg'] as const)('as %s comes back nearly', async (format) => {
    const even = tensor(new Float32Array(3 * 256).fill(0.25), [1, 3, 16, 16]);
    const saved = await pictures.save(even, { name: 'even', format, embedGraph: true });
    if (!saved.ok) throw new Error(saved.problem.message);
    const loaded = await pictures.load(saved.value, false);
    if (!loaded.ok) throw new Error(loaded.problem.message);
    expect(Math.max(...loaded.value.data.map((one) => Math.abs(one - 0.25)))).toBeLessThan(0.02);
  });

  it('is not, where a format can’t hold it, and says so', async () => {
    const wide = tensor(new Float32Array(3 * 16_384), [1, 3, 1, 16_384]);
    const saved = await pictures.save(wide, { name: 'wide', format: 'webp', embedGraph: false });
    expect(saved).toMatchObject({
      problem: { code: 'file.unsupported', message: expect.stringMatching(/^The picture is 16384×1 pixels.*16383.*PNG/) },
    });
    expect((await pictures.save(wide, { name: 'wide', format: 'png', embedGraph: false })).ok).toBe(true);
  });

  it('is saved without a graph that JPEG can’t hold, and says so', async () => {
    const graph = crypto.getRandomValues(Buffer.alloc(60_000)).toString('hex');
    const saved = await make(join(folder, 'out'), graph).save(ramp(3), { name: 'full', format: 'jpeg', embedGraph: true });
    expect(saved.ok).toBe(true);
    expect(warnings.at(-1)?.message).toMatch(/too large for a JPEG file/);
  });

  it('needs a folder', async () => {
    const saved = await make(null).save(ramp(3), { name: 'a', format: 'png', embedGraph: true });
    expect(saved).toMatchObject({ problem: { code: 'file.writeFailed' } });
  });
});

describe('a picture that is loaded', () => {
  it('is turned upright', async () => {
    const raw = { raw: { width: 2, height: 1, channels: 3 } } as const;
    const bytes = await sharp(Uint8Array.of(255, 0, 0, 0, 0, 255), raw)
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const loaded = await load('turned.png', bytes);
    expect(loaded).toMatchObject({ shape: [1, 3, 2, 1], data: Float32Array.of(1, 0, 0, 0, 0, 1) });
  });

  it('goes over white where it is transparent, or keeps its transparency', async () => {
    const raw = { raw: { width: 1, height: 1, channels: 4 } } as const;
    const bytes = await sharp(Uint8Array.of(255, 0, 0, 51), raw)
      .png()
      .toBuffer();
    const over = await load('alpha.png', bytes);
    if (typeof over === 'string') throw new Error(over);
    expect([...over.data].map((one) => one.toFixed(3))).toEqual(['1.000', '0.800', '0.800']);
    expect(await load('alpha.png', bytes, true)).toMatchObject({ data: Float32Array.of(1, 0, 0, 51 / 255) });
  });

  it('keeps 16 bits', async () => {
    const raw = { raw: { width: 1, height: 1, channels: 3 } } as const;
    const bytes = await sharp(Uint16Array.of(1000, 30_000, 65_535), raw)
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    const loaded = await load('wide.png', bytes);
    if (typeof loaded === 'string') throw new Error(loaded);
    expect([...loaded.data].map((one) => Math.round(one * 65_535))).toEqual([1000, 30_000, 65_535]);
  });

  it('that is a preview is what was shown', async () => {
    for (const channels of [1, 3, 4]) {
      const preview = encodePreview(ramp(channels));
      const loaded = await load('preview.png', preview.bytes, channels === 4);
      if (typeof loaded === 'string') throw new Error(loaded);
      expect(loaded.data.subarray(0, 256)).toEqual(ramp(channels).data.subarray(0, 256));
    }
  });
});

describe('a hostile picture gives a sentence', () => {
  it.each<[string, () => Uint8Array | Promise<Uint8Array>, RegExp]>([
    ['empty', () => new Uint8Array(), /^file.unsupported: .* is empty/],
    ['of another format', () => Buffer.from('GIF89a.......'), /^file.unsupported: .* GIF/],
    ['no picture', () => Buffer.from('hello'), /^file.unsupported: .* is no picture/],
    [
      'huge by its header',
      () => makePng({ widthPx: 100_000, heightPx: 100_000 }, [], deflateSync('')),
      /^file.unsupported: .*100000×100000/,
    ],
    ['of no size', () => makePng({ widthPx: 0, heightPx: 5 }, [], deflateSync('')), /^file.damaged: .*0×5/],
    ['cut in its header', () => makePng({ widthPx: 8, heightPx: 8 }).subarray(0, 30), /^file.damaged: .* cut off/],
    ['cut in its pixels', async () => halve(await noise('png')), /^file.damaged: .*PNG/],
    ['cut in its pixels, as JPEG', async () => halve(await noise('jpeg')), /^file.damaged: .*JPEG/],
    ['cut in its pixels, as WebP', async () => halve(await noise('webp')), /^file.damaged: .*WEBP/],
    ['without pixels', () => makePng({ widthPx: 8, heightPx: 8 }, [], deflateSync('')), /^file.damaged: /],
    ['with pixels that are no deflate stream', () => makePng({ widthPx: 8, heightPx: 8 }, [], Buffer.alloc(50, 7)), /^file.damaged: /],
  ])('%s', async (_what, bytes, sentence) => {
    expect(await load('hostile.png', await bytes())).toMatch(sentence);
  });

  it.each([
    ['iTXt', () => xmpChunk(deflateSync(Buffer.alloc(300 * 2 ** 20), { level: 9 }), true)],
    ['zTXt', () => pngChunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(Buffer.alloc(300 * 2 ** 20), { level: 9 })]))],
    ['iCCP', () => pngChunk('iCCP', Buffer.concat([Buffer.from('icc\0\0'), deflateSync(Buffer.alloc(300 * 2 ** 20), { level: 9 })]))],
  ])('with a bomb in its %s: opens or says why, without taking the memory', async (_name, bomb) => {
    const bytes = makePng({ widthPx: 8, heightPx: 8 }, [bomb()]);
    await load('calm.png', makePng({ widthPx: 8, heightPx: 8 }));
    const before = process.memoryUsage().rss;
    const loaded = await load('bomb.png', bytes);
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
    if (typeof loaded === 'string') expect(loaded).toMatch(/^file\.damaged: /);
    else expect(loaded.shape).toEqual([1, 3, 8, 8]);
  });

  it('with more pixels behind its header than it says: shows what it says', async () => {
    const pixels = deflateSync(Buffer.alloc(300 * 2 ** 20), { level: 9 });
    const before = process.memoryUsage().rss;
    const loaded = await load('more.png', makePng({ widthPx: 8, heightPx: 8 }, [], pixels));
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
    if (typeof loaded === 'string') expect(loaded).toMatch(/^file\.damaged: /);
    else expect(loaded.shape).toEqual([1, 3, 8, 8]);
  });

  it('outside, a folder, a giant', async () => {
    await symlink('/etc/hostname', join(folder, 'link.png'));
    expect(await load('link.png')).toMatch(/^file.outside: /);
    expect(await load('../x.png')).toMatch(/^file.outside: /);
    expect(await load('.')).toMatch(/^file.unsupported: .* is a folder/);
    await writeFile(join(folder, 'giant.png'), await noise('png'));
    await truncate(join(folder, 'giant.png'), 2 ** 29 + 1);
    expect(await load('giant.png')).toMatch(/^file.unsupported: .*536870913 bytes/);
  });
});

function halve(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length / 2);
}

async function noise(format: 'png' | 'jpeg' | 'webp'): Promise<Buffer> {
  const data = Uint8Array.from({ length: 3 * 64 * 64 }, (_, at) => (at * at * 31 + at * 17) % 251);
  return sharp(data, { raw: { width: 64, height: 64, channels: 3 } })
    .toFormat(format, { quality: 90 })
    .toBuffer();
}

it('what is written is what the format says', async () => {
  const saved = await pictures.save(ramp(4), { name: 'a', format: 'jpeg', embedGraph: false });
  if (!saved.ok) throw new Error(saved.problem.message);
  expect((await readFile(saved.value)).subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
});
