import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findModelsRoot } from '../models-root.ts';
import { findPack, isPackName, listPacks } from './find-pack.ts';
import { readManifest, verifyPack } from './verify-pack.ts';

const packsRoot = join(findModelsRoot(), 'packs');

describe('the bundled packs', () => {
  it('are found by name, from the sources and from a bundle', async () => {
    expect(findModelsRoot(pathToFileURL(join(packsRoot, '../../dist/cli.mjs')).href)).toBe(findModelsRoot());
    expect(await findPack('emoji', packsRoot)).toEqual({ ok: true, value: join(packsRoot, 'emoji') });
    expect(await listPacks(packsRoot)).toContain('emoji');
    expect(await findPack('../emoji', packsRoot)).toMatchObject({ ok: false, problem: { code: 'model.missing' } });
    expect(await findPack('emojis', packsRoot)).toMatchObject({ problem: { message: expect.stringMatching(/Bundled are: .*emoji/) } });
    expect(isPackName('./emoji')).toBe(false);
  });

  it('hold the very files that their manifests list, within the size that the repository can carry', async () => {
    for (const name of await listPacks(packsRoot)) {
      const verified = await verifyPack(join(packsRoot, name));
      if (!verified.ok) throw new Error(verified.problem.message);
      expect(verified.value.name).toBe(name);
      const bytes = [...verified.value.files.values()].reduce((sum, file) => sum + file.bytes, 0);
      expect(bytes).toBeLessThan(80e6);
    }
  });
});

describe('verifyPack', () => {
  let folder = '';
  const hash = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  const manifest = (files: unknown) => JSON.stringify({ name: 'p', title: 'P', summary: 'A pack.', kind: 'checkpoint', files });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emulsion-pack-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function refusal(change: (pack: string) => Promise<unknown>): Promise<string> {
    const pack = join(folder, 'pack');
    await rm(pack, { recursive: true, force: true });
    await mkdir(pack);
    await writeFile(join(pack, 'weights.bin'), 'abc');
    await writeFile(join(pack, 'manifest.json'), manifest({ 'weights.bin': { bytes: 3, sha256: hash } }));
    expect((await verifyPack(pack)).ok).toBe(true);
    await change(pack);
    const result = await verifyPack(pack);
    return result.ok ? 'accepted' : result.problem.message;
  }

  it('refuses a pack that is not what its manifest lists', async () => {
    expect(await refusal((pack) => writeFile(join(pack, 'weights.bin'), 'abd'))).toMatch(/weights\.bin is not the file/);
    expect(await refusal((pack) => writeFile(join(pack, 'weights.bin'), 'abcd'))).toMatch(/has 4 bytes .* says 3/);
    expect(await refusal((pack) => rm(join(pack, 'weights.bin')))).toMatch(/There is no file/);
    expect(await refusal((pack) => writeFile(join(pack, 'extra.bin'), ''))).toMatch(/extra\.bin that its manifest does not list/);
    expect(await refusal((pack) => rm(join(pack, 'manifest.json')))).toMatch(/There is no file .*manifest\.json/);
    expect(await refusal((pack) => writeFile(join(pack, 'manifest.json'), manifest({})))).toMatch(/lists no files/);
    for (const path of ['../x', '/x', 'a//b', 'a\\b']) {
      const changed = await refusal((pack) => writeFile(join(pack, 'manifest.json'), manifest({ [path]: { bytes: 3, sha256: hash } })));
      expect(changed).toMatch(/without a usable path/);
    }
  });

  it('reads titles and sources without reading the files', async () => {
    const read = await readManifest(join(packsRoot, 'emoji'));
    expect(read.ok && read.value).toMatchObject({ name: 'emoji', kind: 'checkpoint' });
    expect(read.ok && Array.isArray(read.value.all['sources'])).toBe(true);
  });
});
