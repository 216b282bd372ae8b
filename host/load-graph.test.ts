import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeGraph } from '../graphs/write-graph.ts';
import { makePng, pngChunk, xmpChunk } from '../test/e2e/make-png.ts';
import { makeDocument } from '../test/e2e/open-test-host.ts';
import { testRegistry } from '../test/e2e/test-nodes.ts';
import { encodePicture } from './evaluator/picture-files.ts';
import { loadGraph } from './load-graph.ts';
import { makeGraphPacket, readPictureGraph } from './picture-graph.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-load-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const DOCUMENT = makeDocument({ p: ['test.picture', { size: 4 }], save: ['test.save', { name: 'é <&> "🍎" ]]>' }] }, [
  'p.image > save.image',
]);
const PIXELS = { bytes: new Uint8Array(48).fill(9), widthPx: 4, heightPx: 4, channels: 3 } as const;
const FORMATS = ['png', 'webp', 'jpeg'] as const;

async function load(name: string, bytes?: Uint8Array | string) {
  const path = join(folder, name);
  if (bytes !== undefined) await writeFile(path, bytes);
  return loadGraph(path, testRegistry, join(folder, 'templates'));
}

async function problemOf(name: string, bytes?: Uint8Array | string): Promise<string> {
  const loaded = await load(name, bytes);
  return loaded.ok ? 'loaded' : `${loaded.problem.code}: ${loaded.problem.message.replace(join(folder, name), 'IT')}`;
}

describe('a picture carries its graph', () => {
  it.each(FORMATS)('in a %s file', async (format) => {
    const loaded = await load(`a.${format}`, await encodePicture(PIXELS, format, makeGraphPacket(writeGraph(DOCUMENT), format)));
    expect(loaded).toMatchObject({ ok: true, value: { folder, problems: [] } });
    if (loaded.ok) expect(writeGraph(loaded.value.document)).toBe(writeGraph(DOCUMENT));
  });

  it('whatever the file is called', async () => {
    const loaded = await load('b.json', await encodePicture(PIXELS, 'png', makeGraphPacket(writeGraph(DOCUMENT), 'png')));
    expect(loaded.ok).toBe(true);
  });

  it('whatever is in it, in every format', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.constantFrom(...FORMATS), async (text, format) => {
        // As a graph's text has it: control characters and halves of pairs are escaped.
        const json = JSON.stringify({ text });
        expect(readPictureGraph(await encodePicture(PIXELS, format, makeGraphPacket(json, format)))).toBe(json);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('in JPEG deflated where it is long, and not at all where it is too long', async () => {
    const long = 'a red apple, '.repeat(50_000);
    expect(readPictureGraph(await encodePicture(PIXELS, 'jpeg', makeGraphPacket(long, 'jpeg')))).toBe(long);
    const random = Array.from({ length: 200_000 }, (_, at) => String.fromCharCode(33 + (((at * 7919) ^ (at >> 3)) % 90))).join('');
    expect(makeGraphPacket(random + crypto.getRandomValues(Buffer.alloc(60_000)).toString('hex'), 'jpeg')).toBeUndefined();
    expect(readPictureGraph(await encodePicture(PIXELS, 'webp', makeGraphPacket(long, 'webp')))).toBe(long);
  });

  it('after another program wrote the packet in its own way', () => {
    const packet = '<emulsion:graph>{&#x22;a&#34;: &quot;&lt;&#xA;&amp;amp; &unknown; &#99999999;&gt;&quot;}</emulsion:graph>';
    const png = makePng({ widthPx: 2, heightPx: 2 }, [xmpChunk(deflateSync(packet), true)]);
    expect(readPictureGraph(png)).toBe('{"a": "<\n&amp; &unknown; &#99999999;>"}');
  });
});

describe('a graph file of another encoding', () => {
  const text = writeGraph(DOCUMENT);

  it.each([
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16, little end first', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
  ])('is read: %s', async (name, bytes) => {
    const loaded = await load(`${name}.json`, bytes);
    expect(loaded.ok && writeGraph(loaded.value.document)).toBe(text);
  });

  it('is refused with the place, rather than read with its letters replaced', async () => {
    const latin = Buffer.from(text.replace('🍎', ''), 'latin1');
    const byte = latin.indexOf(0xe9);
    expect(await problemOf('latin.json', latin)).toBe(
      `graph.damaged: IT: The file is not UTF-8 text (from byte ${byte}). Open it in the program that wrote it, and save it as UTF-8.`,
    );
    for (const [at, end] of [[0xc3], [0xef], [0xef, 0xbf]].entries()) {
      const cut = Buffer.concat([Buffer.from('{"'), Buffer.from(end)]);
      expect(await problemOf(`cut-${at}.json`, cut)).toMatch(/not UTF-8 text \(from byte [23]\)/);
    }
    const half = Buffer.from(`\uFEFF${text}`, 'utf16le').subarray(0, -1);
    expect(await problemOf('half.json', half)).toMatch(/^graph\.damaged: IT: The file is UTF-16 text that is damaged\. .*save it as UTF-8/);
  });
});

describe('what can’t be opened says why', () => {
  it('a picture without a graph, damaged or not', async () => {
    const plain = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    expect(await problemOf('plain.png', plain)).toMatch(/^file.unsupported: IT is a picture without a graph in it/);
    expect(await problemOf('cut.png', plain.subarray(0, 20))).toMatch(/^file.unsupported: IT is a picture without a graph in it/);
  });

  it('a picture that carries a graph of ComfyUI, or is cut short', async () => {
    const withText = (chunk: string, text: string): Buffer => makePng({ widthPx: 2, heightPx: 2 }, [pngChunk(chunk, Buffer.from(text))]);
    for (const picture of [
      withText('tEXt', 'prompt\0{"3": {"class_type": "KSampler"}}'),
      withText('tEXt', 'workflow\0 {"nodes": []}'),
      withText('iTXt', 'workflow\0\0\0\0\0{"nodes": []}'),
    ]) {
      expect(await problemOf('comfy.png', picture)).toMatch(/^file.unsupported: IT is a picture that carries a ComfyUI workflow, which/);
    }
    const other = withText('tEXt', 'prompt\0a red apple');
    expect(await problemOf('other.png', other)).toMatch(/unless a program has removed it since/);
    expect(await problemOf('short.png', other.subarray(0, -5))).toMatch(/: the file ends before the picture does\. Copy/);
  });

  it('a picture whose graph is damaged, or a bomb', async () => {
    const wrap = (element: string): Buffer => makePng({ widthPx: 2, heightPx: 2 }, [xmpChunk(Buffer.from(element), false)]);
    expect(await problemOf('no-json.png', wrap('<emulsion:graph>{"form</emulsion:graph>'))).toMatch(/^graph\.damaged: IT: /);
    const bomb = deflateSync(Buffer.alloc(200 * 2 ** 20, 0x20), { level: 9 }).toString('base64');
    const packed = wrap(`<emulsion:graphDeflated>${bomb}</emulsion:graphDeflated>`);
    expect(await problemOf('bomb.png', packed)).toMatch(/^file.unsupported: IT is a picture without a graph/);
  });

  it('folders, devices, giants, empty and binary files', async () => {
    await mkdir(join(folder, 'dir'));
    expect(await problemOf('dir')).toMatch(/^file.unsupported: IT is a folder/);
    const device = await loadGraph('/dev/zero', testRegistry, folder);
    expect(device).toMatchObject({ problem: { message: expect.stringMatching(/^\/dev\/zero is not a regular file/) } });
    await writeFile(join(folder, 'giant.json'), '');
    await truncate(join(folder, 'giant.json'), 2 ** 27);
    expect(await problemOf('giant.json')).toMatch(/^file.unsupported: IT has 134217728 bytes, more than any graph/);
    expect(await problemOf('empty.json', '')).toMatch(/^graph\.damaged: IT: /);
    expect(await problemOf('binary.json', new Uint8Array(1000).fill(0xfe))).toMatch(/^graph\.damaged: IT: /);
  });

  it('a name that is neither file nor template', async () => {
    await mkdir(join(folder, 'templates'));
    await writeFile(join(folder, 'templates/apple.json'), writeGraph(DOCUMENT));
    expect((await loadGraph('apple', testRegistry, join(folder, 'templates'))).ok).toBe(true);
    expect(await loadGraph('aple', testRegistry, join(folder, 'templates'))).toMatchObject({
      problem: { code: 'file.missing', message: expect.stringMatching(/no template aple\. Did you mean .?apple/) },
    });
    expect(await loadGraph('', testRegistry, join(folder, 'templates'))).toMatchObject({
      problem: { code: 'contract.refused', message: expect.stringMatching(/^No graph is named\. Name a graph file, a template/) },
    });
    expect(await loadGraph('../templates/apple', testRegistry, join(folder, 'templates'))).toMatchObject({
      problem: { code: 'file.missing' },
    });
  });
});
