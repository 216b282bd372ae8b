import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeGraph } from '../../graphs/write-graph.ts';
import { makePng, xmpChunk } from '../../test/e2e/make-png.ts';
import { type DocumentHost, openDocumentHost, rebuild } from '../../test/e2e/open-documents.ts';
import { makeDocument } from '../../test/e2e/open-test-host.ts';
import { unwrap } from '../../test/unwrap.ts';
import type { ContractClient } from '../contract.ts';
import { makeGraphPacket } from '../picture-graph.ts';

let host: DocumentHost;
let client: ContractClient;
beforeEach(async () => {
  host = await openDocumentHost();
  client = await host.connect('web-socket');
});
afterEach(async () => {
  client.close();
  await host.close();
});

const sentence = (result: { ok: boolean; problem?: { code: string; message: string } }): string =>
  result.ok ? 'nothing was refused' : `${result.problem?.code}: ${result.problem?.message}`;
const graph = writeGraph(makeDocument({ a: ['test.number', { value: 1 }] }));

describe('pictures', () => {
  it('made by Emulsion open as their graph, whatever their format, and are never saved into', async () => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const packet = makeGraphPacket(graph, format)!;
      const bytes =
        format === 'png'
          ? makePng({ widthPx: 2, heightPx: 2 }, [xmpChunk(Buffer.from(packet), false)])
          : await sharp(makePng({ widthPx: 2, heightPx: 2 }))
              .withXmp(packet)
              .toFormat(format)
              .toBuffer();
      const path = join(host.allowed, `apple.${format}`);
      await writeFile(path, bytes);
      for (const source of [
        { kind: 'path', path },
        { kind: 'bytes', name: `apple.${format}`, bytes: new Uint8Array(bytes) },
      ] as const) {
        const opened = unwrap(await client.call('document.open', { client: 'w', source }));
        expect(opened.document).toMatchObject({ title: 'apple', path: null, isSaved: false });
        expect(writeGraph(rebuild(opened).document)).toBe(graph);
        expect(sentence(await client.call('document.save', { id: opened.document.id }))).toContain('no file yet');
      }
    }
    const plain = { kind: 'bytes', name: 'photo.png', bytes: new Uint8Array(makePng({ widthPx: 2, heightPx: 2 })) } as const;
    expect(sentence(await client.call('document.open', { client: 'w', source: plain }))).toContain('a picture without a graph');
  });

  it('dropped ones are kept once, told by their bytes, and can be read by graphs', async () => {
    const bytes = new Uint8Array(makePng({ widthPx: 3, heightPx: 2 }));
    const kept = unwrap(await client.call('upload.add', { name: '../../my cat?.jpeg', bytes }));
    expect(kept).toMatchObject({ widthPx: 3, heightPx: 2, carriesGraph: false });
    expect(kept.file).toMatch(/^[0-9a-f]{32}\/my cat\.png$/);
    expect(unwrap(await client.call('upload.add', { name: 'again.png', bytes })).file).toBe(kept.file);
    expect(await readFile(join(host.stateFolder, 'uploads', kept.file))).toEqual(Buffer.from(bytes));
    const loads = writeGraph(makeDocument({ load: ['test.load', { file: kept.file }] }));
    expect(unwrap(await client.call('graph.check', { graph: loads })).problems).toEqual([]);
    for (const text of ['<svg onload="alert(1)"/>', 'MZ', '', graph, '\u0089PNG\r\n']) {
      const refused = await client.call('upload.add', { name: 'cat.png', bytes: new TextEncoder().encode(text) });
      expect(sentence(refused)).toContain('is no PNG, JPEG or WebP');
    }
    const large = await client.call('upload.add', { name: 'large.png', bytes: new Uint8Array(41 * 2 ** 20) });
    expect(sentence(large)).toContain('Put it into a folder');
    expect(await readdir(join(host.stateFolder, 'uploads'))).toHaveLength(1);
  });
});

describe('graphs without places for their nodes', () => {
  const bare = writeGraph(makeDocument({ a: ['test.number', { value: 1 }], add: ['test.add'] }, ['a.number > add.a']));
  const placesOf = (opened: Parameters<typeof rebuild>[0]) => Object.values(rebuild(opened).document.layout?.positions ?? {});

  it('are given some as they are opened, which changes no file and is nothing to be saved', async () => {
    const path = join(host.allowed, 'bare.json');
    await writeFile(path, bare);
    const opened = unwrap(await client.call('document.open', { client: 'w', source: { kind: 'path', path } }));
    expect(placesOf(opened)).toEqual([
      { x: 0, y: 0 },
      { x: 340, y: 0 },
    ]);
    expect(opened.document.isSaved).toBe(true);
    expect(await readFile(path, 'utf8')).toBe(bare);
    const made = unwrap(await client.call('document.create', { client: 'w', graph: bare }));
    expect(placesOf(made)).toEqual(placesOf(opened));
  });
});

describe('folders', () => {
  it('only those that are allowed are there, and links lead no way out', async () => {
    await mkdir(join(host.allowed, 'sub', 'model'), { recursive: true });
    await mkdir(join(host.folder, 'secret'));
    for (const name of ['b.emulsion.json', 'a10.png', 'a9.png', 'm.safetensors', 'notes.txt', '.hidden'])
      await writeFile(join(host.allowed, name), 'x');
    await writeFile(join(host.allowed, 'sub', 'model', 'model_index.json'), '{}');
    await symlink(join(host.folder, 'secret'), join(host.allowed, 'way-out'));
    await symlink(join(host.allowed, 'a9.png'), join(host.allowed, 'link.png'));
    const roots = unwrap(await client.call('folder.list', { path: null }));
    expect(roots.entries.map((entry) => entry.path)).toEqual([host.allowed]);
    const listed = unwrap(await client.call('folder.list', { path: host.allowed }));
    expect(listed).toMatchObject({ path: host.allowed, parent: null, isWritable: true, more: 0 });
    expect(listed.entries.map((entry) => `${entry.kind} ${entry.name}`)).toEqual([
      'folder sub',
      'picture a9.png',
      'picture a10.png',
      'graph b.emulsion.json',
      'picture link.png',
      'model m.safetensors',
      'other notes.txt',
    ]);
    expect(listed.entries.find((entry) => entry.name === 'notes.txt')).toMatchObject({ bytes: 1 });
    const sub = unwrap(await client.call('folder.list', { path: join(host.allowed, 'sub') }));
    expect(sub.parent).toBe(host.allowed);
    expect(sub.entries).toMatchObject([{ kind: 'model', name: 'model' }]);
    for (const path of [host.folder, join(host.allowed, 'way-out'), join(host.allowed, '..', 'secret'), '/', host.stateFolder]) {
      expect(sentence(await client.call('folder.list', { path }))).toContain('file.outside');
    }
    expect(sentence(await client.call('folder.list', { path: join(host.allowed, 'none') }))).toContain('file.missing');
    expect(sentence(await client.call('folder.list', { path: join(host.allowed, 'notes.txt') }))).not.toContain('nothing was refused');
  });

  it('one that a person chose in a dialog is allowed from then on', async () => {
    const chosen = join(host.folder, 'chosen');
    await mkdir(chosen);
    await writeFile(join(chosen, 'cat.png'), makePng({ widthPx: 1, heightPx: 1 }));
    expect((await client.call('folder.list', { path: chosen })).ok).toBe(false);
    await host.service.grants.grantFolder(chosen);
    expect(unwrap(await client.call('folder.list', { path: chosen })).isWritable).toBe(true);
    const loads = writeGraph(makeDocument({ load: ['test.load', { file: join(chosen, 'cat.png') }] }));
    expect(unwrap(await client.call('graph.check', { graph: loads })).problems).toEqual([]);
  });

  it('graphs find files beside their own, each its own', async () => {
    const loads = writeGraph(makeDocument({ load: ['test.load', { file: 'cat.png' }] }));
    const ids: string[] = [];
    for (const [at, name] of ['one', 'two'].entries()) {
      await mkdir(join(host.allowed, name));
      await writeFile(join(host.allowed, name, 'cat.png'), makePng({ widthPx: 10 + at, heightPx: 1 }));
      await writeFile(join(host.allowed, name, 'a.json'), loads);
      if (at === 0) expect(unwrap(await client.call('graph.check', { graph: loads })).problems).toHaveLength(1);
      const source = { kind: 'path', path: join(host.allowed, name, 'a.json') } as const;
      ids.push(unwrap(await client.call('document.open', { client: 'w', source })).document.id);
    }
    const keys = await Promise.all(
      ids.map(async (document) => unwrap(await client.call('graph.infer', { graph: loads, document })).keys['load']),
    );
    expect(new Set(keys).size).toBe(2);
    expect(unwrap(await client.call('graph.check', { graph: loads, document: 'none' })).problems).toEqual([]);
  });
});
