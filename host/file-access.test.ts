import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FilePolicy, resolveReadable } from './file-access.ts';
import { locateModel } from './model-locator.ts';

let root: string;
let policy: FilePolicy;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'emulsion-access-')));
  for (const folder of ['graphs', 'graphs/inner', 'models', 'packs', 'secret', 'graphs-2']) await mkdir(join(root, folder));
  for (const file of ['graphs/a.png', 'graphs/inner/b.png', 'models/sd.safetensors', 'secret/key.png', 'graphs-2/c.png'])
    await writeFile(join(root, file), file);
  await symlink('../secret/key.png', join(root, 'graphs/link.png'));
  await symlink('../secret', join(root, 'graphs/door'));
  await symlink('inner/b.png', join(root, 'graphs/good.png'));
  await symlink('loop.png', join(root, 'graphs/loop.png'));
  await symlink('graphs', join(root, 'alias'));
  policy = {
    baseFolders: [join(root, 'graphs')],
    readFolders: [],
    modelFolders: [join(root, 'models')],
    packsRoot: join(root, 'packs'),
    trusted: [],
  };
});
afterAll(() => rm(root, { recursive: true, force: true }));

const codeOf = async (path: string, changes: Partial<FilePolicy> = {}): Promise<string> => {
  const found = await resolveReadable(path, { ...policy, ...changes });
  return found.ok ? relative(root, found.value) : found.problem.code;
};

describe('a path in a graph', () => {
  it.each([
    ['a.png', 'graphs/a.png'],
    ['inner/../a.png', 'graphs/a.png'],
    ['good.png', 'graphs/inner/b.png'],
    ['nothing.png', 'file.missing'],
    ['inner/b.png/x', 'file.missing'],
    ['../secret/key.png', 'file.outside'],
    ['../secret/nothing.png', 'file.outside'],
    ['inner/../../secret/key.png', 'file.outside'],
    ['link.png', 'file.outside'],
    ['door/key.png', 'file.outside'],
    ['door/nothing.png', 'file.outside'],
    ['../graphs-2/c.png', 'file.outside'],
    ['/etc/passwd', 'file.outside'],
    ['/etc/nothing-there', 'file.outside'],
    ['..', 'file.outside'],
    ['a\0.png', 'file.missing'],
    ['loop.png', 'file.unreadable'],
    [`${'d/'.repeat(100_000)}x`, 'file.missing'],
    ['x'.repeat(3000), 'file.unreadable'],
  ])('%.60j: %s', async (path, wanted) => {
    expect(await codeOf(path)).toBe(wanted);
  });

  it('may be absolute where it lies inside, through a link too', async () => {
    expect(await codeOf(join(root, 'graphs/a.png'))).toBe('graphs/a.png');
    expect(await codeOf(join(root, 'alias/a.png'))).toBe('graphs/a.png');
    expect(await codeOf('a.png', { baseFolders: [join(root, 'alias')] })).toBe('graphs/a.png');
  });

  it('may lie anywhere when it was typed by hand, and only then', async () => {
    const path = join(root, 'secret/key.png');
    expect(await codeOf(path, { trusted: [path] })).toBe('secret/key.png');
    expect(await codeOf(join(root, 'secret/../secret/key.png'), { trusted: [] })).toBe('file.outside');
    expect(await codeOf(path, { readFolders: [join(root, 'secret')] })).toBe('secret/key.png');
  });

  it('is refused with a sentence that says what to do', async () => {
    const refused = await resolveReadable('../secret/key.png', policy);
    expect(refused).toMatchObject({
      problem: { message: expect.stringMatching(/outside the folders that this graph may read\. Move it/) },
    });
  });
});

describe('a model', () => {
  const locate = async (name: string): Promise<string> => {
    const found = await locateModel(name, policy);
    return found.ok ? relative(root, found.value) : found.problem.code;
  };

  it('is found by name, with or without its ending, and never outside its folder', async () => {
    expect(await locate('sd.safetensors')).toBe('models/sd.safetensors');
    expect(await locate('sd')).toBe('models/sd.safetensors');
    expect(await locate('other')).toBe('model.missing');
    expect(await locate('../secret/key.png')).toBe('file.outside');
    expect(await locate(join(root, 'secret'))).toBe('file.outside');
  });
});
