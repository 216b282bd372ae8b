import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findModelsRoot } from '../models/models-root.ts';
import { fixturesRoot } from '../test/fixtures-reader.ts';
import { listModels } from './list-models.ts';
import { readModelFacts } from './model-facts.ts';

const packsRoot = join(findModelsRoot(), 'packs');
let home = '';
let folder = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'emulsion-models-'));
  folder = join(home, 'models');
  await cp(`${fixturesRoot()}pipelines/lcm-tiny`, join(folder, 'sd', 'lcm'), { recursive: true });
  await cp(fileURLToPath(new URL('../test/golden/onnx-folders/sd-onnx', import.meta.url)), join(folder, 'sd', 'onnx'), { recursive: true });
  await cp(`${fixturesRoot()}loras/sd15-peft.safetensors`, join(folder, 'loras', 'style.safetensors'), { recursive: true });
  await writeFile(join(folder, 'old.ckpt'), Uint8Array.from([0x80, 0x02, 0x7d]));
  await writeFile(join(folder, 'notes.txt'), 'not a model');
  await mkdir(join(folder, '.cache'));
  await writeFile(join(folder, '.cache', 'half.safetensors'), '');
  await cp(join(folder, 'sd', 'lcm'), join(home, 'elsewhere'), { recursive: true });
  await symlink(folder, join(folder, 'sd', 'circle'));
  await symlink(join(folder, 'sd', 'lcm'), join(folder, 'again'));
  await symlink(join(home, 'elsewhere'), join(folder, 'outside'));
  await symlink(join(home, 'nowhere'), join(folder, 'lost.safetensors'));
});
afterAll(() => rm(home, { recursive: true }));

const list = async (...modelFolders: string[]) => {
  const { models, ...rest } = await listModels({ packsRoot, modelFolders }, readModelFacts);
  return { models: models.filter(({ bundled }) => !bundled), ...rest };
};

describe('listModels', () => {
  it('lists each checkpoint once, also through links, and follows none out of the folder', async () => {
    const { models } = await list(folder);
    expect(models.map(({ name, label, family }) => [name, label, family])).toEqual([
      ['again', 'SD 1.5', 'sd15'],
      [join('sd', 'onnx'), 'SD 1.5', 'sd15'],
    ]);
  });

  it('says of other model files, pickles among them, why they are not opened', async () => {
    const { problems } = await list(folder);
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual([['model.unsafe', 'warning']]);
    expect(problems[0]?.message).toContain('old.ckpt is a PyTorch pickle');
  });

  it('keeps apart what is another kind of thing, unless it is named itself', async () => {
    const { others } = await list(folder);
    expect(others.map(({ code, severity }) => [code, severity])).toEqual([['model.wrongFamily', 'warning']]);
    expect(others[0]?.message).toContain('style.safetensors looks like a LoRA');
    expect(await list(join(folder, 'loras', 'style.safetensors'))).toMatchObject({ problems: others, others: [] });
  });

  it('takes a model itself, reached by a link too, and passes over what is not there', async () => {
    const { models, problems } = await list(join(folder, 'sd', 'lcm'), join(folder, 'outside'), join(folder, 'nowhere'));
    expect(models.map(({ path }) => path)).toEqual([join(folder, 'sd', 'lcm'), join(folder, 'outside')]);
    expect(problems).toEqual([]);
  });
});
