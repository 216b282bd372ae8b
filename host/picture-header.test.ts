import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { makePng, pngChunk, xmpChunk } from '../test/e2e/make-png.ts';
import { readPictureHeader, recognisePicture, uprightSize } from './picture-header.ts';

const PACKET = '<x:xmpmeta xmlns:x="adobe:ns:meta/">é 🍎</x:xmpmeta>';
const picture = (channels: 3 | 4) => sharp({ create: { width: 7, height: 5, channels, background: { r: 1, g: 2, b: 3, alpha: 0.5 } } });

/** Runs it and gives how long it took. */
function timed<T>(make: () => T): { value: T; ms: number } {
  const beganMs = performance.now();
  const value = make();
  return { value, ms: performance.now() - beganMs };
}

describe('the header of a picture', () => {
  it.each(['png', 'webp', 'jpeg'] as const)('%s: size, XMP and orientation as sharp writes them', async (format) => {
    const bytes = await picture(3).withMetadata({ orientation: 6 }).withXmp(PACKET).toFormat(format).toBuffer();
    const header = readPictureHeader(bytes);
    expect(header).toEqual({ format, widthPx: 7, heightPx: 5, hasAlpha: false, orientation: 6, xmp: expect.stringContaining('é 🍎') });
    if (header !== undefined) expect(uprightSize(header)).toEqual({ widthPx: 5, heightPx: 7 });
  });

  it.each(['png', 'webp'] as const)('%s: transparency', async (format) => {
    expect(readPictureHeader(await picture(4).toFormat(format).toBuffer())?.hasAlpha).toBe(true);
    expect(readPictureHeader(await picture(4).toFormat(format, { lossless: true }).toBuffer())?.hasAlpha).toBe(true);
    expect(readPictureHeader(await picture(3).toFormat(format).toBuffer())?.hasAlpha).toBe(false);
  });

  it('WebP without metadata: lossy and lossless', async () => {
    const plain = { format: 'webp', widthPx: 7, heightPx: 5, orientation: 1 };
    expect(readPictureHeader(await picture(3).webp().toBuffer())).toMatchObject(plain);
    expect(readPictureHeader(await picture(3).webp({ lossless: true }).toBuffer())).toMatchObject(plain);
  });

  it('PNG with a palette, and a progressive JPEG', async () => {
    expect(readPictureHeader(await picture(3).png({ palette: true }).toBuffer())).toMatchObject({ widthPx: 7, heightPx: 5 });
    expect(readPictureHeader(await picture(3).jpeg({ progressive: true }).toBuffer())).toMatchObject({ widthPx: 7, heightPx: 5 });
  });

  it('a compressed packet, as other programs write it', () => {
    const png = makePng({ widthPx: 2, heightPx: 2 }, [xmpChunk(deflateSync(PACKET), true)]);
    expect(readPictureHeader(png)?.xmp).toBe(PACKET);
  });

  it('nothing of what is no picture', () => {
    for (const text of ['', 'x', '{"format":"emulsion"}', '\x89PNG', '\xff\xd8\xff', 'RIFF....WEBP', 'RIFF....WAVE']) {
      expect(readPictureHeader(Buffer.from(text, 'latin1'))).toBeUndefined();
    }
    expect(recognisePicture(Buffer.from('GIF89a'))).toBeUndefined();
  });
});

describe('hostile pictures', () => {
  it('a packet that unpacks to gigabytes is not read, however often it is there', () => {
    const bomb = xmpChunk(deflateSync(Buffer.alloc(200 * 2 ** 20), { level: 9 }), true);
    const png = makePng(
      { widthPx: 2, heightPx: 2 },
      Array.from({ length: 50 }, () => bomb),
    );
    const { value, ms } = timed(() => readPictureHeader(png));
    expect(value).toMatchObject({ widthPx: 2, xmp: undefined });
    expect(ms).toBeLessThan(2000);
  });

  it('a packet larger than any is not read', () => {
    const png = makePng({ widthPx: 2, heightPx: 2 }, [xmpChunk(Buffer.alloc(65 * 2 ** 20, 0x20), false)]);
    expect(readPictureHeader(png)?.xmp).toBeUndefined();
  });

  it('millions of empty parts are not walked through', () => {
    const count = 5_000_000;
    const png = Buffer.concat([
      makePng({ widthPx: 2, heightPx: 2 }).subarray(0, 33),
      Buffer.alloc(12 * count, pngChunk('zzzz', Buffer.alloc(0))),
    ]);
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(4 * count, Buffer.from([0xff, 0xe0, 0, 2]))]);
    const padding = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(8 * count, 0xff)]);
    const webp = Buffer.concat([Buffer.from('RIFF....WEBP'), Buffer.alloc(8 * count, Buffer.from('zzzz\0\0\0\0'))]);
    for (const bytes of [png, jpeg, padding, webp]) expect(timed(() => readPictureHeader(bytes)).ms).toBeLessThan(1500);
  });

  it('lengths and sizes are not believed', () => {
    const png = makePng({ widthPx: 2, heightPx: 2 });
    png.writeUInt32BE(0xffffffff, 33); // the length of the chunk after the header
    expect(readPictureHeader(png)).toMatchObject({ widthPx: 2, heightPx: 2 });
    expect(readPictureHeader(makePng({ widthPx: 0xffffffff, heightPx: 1 }, [], Buffer.alloc(0)))).toMatchObject({ widthPx: 0xffffffff });
  });

  it('survives any damage to real files', async () => {
    const exif = { IFD0: { Copyright: 'nobody' } };
    const files = await Promise.all(
      (['png', 'webp', 'jpeg'] as const).map((format) => picture(3).withExif(exif).withXmp(PACKET).toFormat(format).toBuffer()),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { maxLength: 6 }),
        fc.nat(4000),
        (file, edits, cut) => {
          const bytes = new Uint8Array(file);
          for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
          const header = readPictureHeader(bytes.subarray(0, edits.length % 2 === 0 ? bytes.length : cut));
          if (header !== undefined) expect(header.orientation).toBeGreaterThan(0);
        },
      ),
      { numRuns: 5000, seed: 1 },
    );
  });
});
