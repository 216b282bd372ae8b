import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturesRoot } from '../../test/fixtures-reader.ts';
import { findModels } from './find-models.ts';

const fixtures = fixturesRoot();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-models-'));
  await cp(`${fixtures}pipelines/lcm-tiny`, join(folder, 'sd', 'lcm'), { recursive: true });
  await cp(`${fixtures}loras/sd15-peft.safetensors`, join(folder, 'loras', 'style.safetensors'), { recursive: true });
  await writeFile(join(folder, 'old.ckpt'), Uint8Array.from([0x80, 0x02, 0x7d]));
  await writeFile(join(folder, 'notes.txt'), 'not a model');
  await mkdir(join(folder, '.cache'));
  await writeFile(join(folder, '.cache', 'half.safetensors'), '');
  await symlink(folder, join(folder, 'sd', 'circle'));
  await symlink(join(folder, 'sd', 'lcm'), join(folder, 'again'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('findModels', () => {
  it('lists each checkpoint once, and says of other model files why they are none', async () => {
    const entries = await findModels([folder]);
    expect(entries.map(({ path }) => path.slice(folder.length + 1))).toEqual(['again', 'loras/style.safetensors', 'old.ckpt']);
    expect(entries[0]).toMatchObject({ name: 'again', layout: 'diffusers', family: 'sd15', label: 'SD 1.5', dtype: 'BF16' });
    expect(entries[0]!.problem === undefined && entries[0]!.sizeBytes).toBe(3_032_406);
    expect(entries[1]!.problem).toMatchObject({ code: 'model.wrongFamily' });
    expect(entries[2]!.problem).toMatchObject({ code: 'model.unsafe' });
  });

  it('takes a model itself, and tells of a folder that is not there', async () => {
    const entries = await findModels([join(folder, 'sd', 'lcm'), join(folder, 'nowhere')]);
    expect(entries.map(({ name, problem }) => [name, problem?.code])).toEqual([
      ['nowhere', 'file.missing'],
      ['lcm', undefined],
    ]);
  });
});
