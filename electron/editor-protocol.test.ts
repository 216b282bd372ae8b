import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createArtifactStore } from '../host/store/artifact-store.ts';
import { answerEditorRequest, type EditorSources, isEditorAddress } from './editor-protocol.ts';

let folder: string;
let sources: EditorSources;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-protocol-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<script nonce="EMULSION-NONCE"></script>');
  await writeFile(join(folder, 'assets', 'main-a1.js'), 'go()');
  await writeFile(join(folder, 'secret.txt'), 'secret');
  sources = { editorFolder: folder, artifacts: createArtifactStore(1e6) };
});
afterAll(() => rm(folder, { recursive: true }));

const get = (path: string, method = 'GET'): Promise<Response> =>
  answerEditorRequest(new Request(`emulsion://editor${path}`, { method }), sources);

describe('the editor’s address', () => {
  it('gives the page under a policy with a nonce of its own', async () => {
    const [first, second] = [await get('/'), await get('/')];
    const nonce = /'nonce-([\w-]+)'/.exec(first.headers.get('content-security-policy') ?? '')?.[1] ?? 'none';
    expect(await first.text()).toBe(`<script nonce="${nonce}"></script>`);
    expect(first.headers.get('content-security-policy')).not.toMatch(/unsafe|https?:|\*/);
    expect(second.headers.get('content-security-policy')).not.toContain(nonce);
  });

  it('gives assets and artifacts', async () => {
    const script = await get('/assets/main-a1.js');
    expect([script.status, script.headers.get('content-type'), await script.text()]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'go()',
    ]);
    const { id } = sources.artifacts.addPicture('ä b.png', { mime: 'image/png', bytes: new Uint8Array([1, 2]), widthPx: 1, heightPx: 1 });
    const picture = await get(`/artifact/${id}`);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(picture.headers.get('content-disposition')).toBe("inline; filename*=UTF-8''%C3%A4%20b.png");
    expect(new Uint8Array(await picture.arrayBuffer())).toEqual(new Uint8Array([1, 2]));
  });

  it.each([
    '/secret.txt',
    '/assets/../secret.txt',
    '/assets/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/artifact/nothing',
    '/assets/none.js',
    '//etc/passwd',
  ])('gives nothing at %s', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain('secret');
  });

  it('is the only one, and is read only', async () => {
    expect((await answerEditorRequest(new Request('emulsion://elsewhere/'), sources)).status).toBe(404);
    expect((await get('/', 'POST')).status).toBe(405);
    expect((await answerEditorRequest(new Request('emulsion://editor/'), { ...sources, editorFolder: '/nowhere' })).status).toBe(503);
  });

  it('says what became of a window, and never what an address says', async () => {
    const page = await (await get('/crash?why=oom')).text();
    expect(page).toMatch(/needed more memory/);
    expect(page).toMatch(/<a href="\/"/);
    expect(await (await get('/crash?why=<script>')).text()).not.toContain('<script>');
    expect(await (await get('/crash?why=constructor')).text()).toMatch(/has ended/);
  });

  it.each([
    ['emulsion://editor/', true],
    ['emulsion://editor/crash?why=oom', true],
    ['emulsion://editor.example.org/', false],
    ['emulsion://elsewhere/', false],
    ['https://editor/', false],
    ['', false],
  ])('%j belongs to it: %s', (address, expected) => {
    expect(isEditorAddress(address)).toBe(expected);
  });
});
