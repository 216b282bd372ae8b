import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createArtifactStore } from './artifact-store.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-artifacts-'));
});
afterAll(() => rm(folder, { recursive: true }));

const picture = (bytes: number) => ({ mime: 'image/png' as const, widthPx: 2, heightPx: 1, bytes: new Uint8Array(bytes).fill(7) });

describe('artifacts', () => {
  it('have ids of 128 bits that tell nothing', () => {
    const store = createArtifactStore(1e6);
    const ids = Array.from({ length: 1000 }, () => store.addPicture('a.png', picture(1)).id);
    expect(new Set(ids).size).toBe(1000);
    expect(ids.every((id) => Buffer.from(id, 'base64url').length === 16)).toBe(true);
  });

  it('in memory are bounded: the oldest go first, the newest stays whatever its size', async () => {
    const store = createArtifactStore(100);
    const [first, second, third] = [40, 40, 40].map((bytes) => store.addPicture('a.png', picture(bytes)));
    expect(await store.read(first!.id)).toMatchObject({ ok: false, problem: { code: 'file.missing' } });
    expect(await store.read(second!.id)).toMatchObject({ ok: true });
    expect(await store.read(third!.id)).toMatchObject({ ok: true, value: { mime: 'image/png', name: 'a.png' } });
    const large = store.addPicture('b.png', picture(500));
    expect(await store.read(second!.id)).toMatchObject({ ok: false });
    expect(await store.read(large.id)).toMatchObject({ ok: true });
  });

  it('that are files stay when pictures go, know what they are, and say when they are gone', async () => {
    const store = createArtifactStore(10);
    const path = join(folder, 'value.safetensors');
    await writeFile(path, 'abc');
    const file = store.addFile(path, 0, 0);
    store.addPicture('a.png', picture(50));
    store.addPicture('b.png', picture(50));
    expect(await store.read(file.id)).toMatchObject({
      ok: true,
      value: { name: 'value.safetensors', mime: 'application/octet-stream', bytes: new Uint8Array([97, 98, 99]) },
    });
    await rm(path);
    expect(await store.read(file.id)).toMatchObject({ ok: false, problem: { code: 'file.missing' } });
  });

  it('are not more than a server can hold for months', async () => {
    const store = createArtifactStore(1e6);
    const first = store.addFile(join(folder, 'first.png'), 1, 1);
    for (let count = 0; count < 20_000; count++) store.addFile(join(folder, 'other.png'), 1, 1);
    const found = await store.read(first.id);
    expect(found.ok ? '' : found.problem.message).toMatch(/no such picture any more/);
  });
});
