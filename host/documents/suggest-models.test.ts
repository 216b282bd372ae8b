import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashFile } from '../../models/fingerprint.ts';
import { findModelsRoot } from '../../models/models-root.ts';
import { fixturesRoot } from '../../test/fixtures-reader.ts';
import { unwrap } from '../../test/unwrap.ts';
import { type ListedModel, listModels } from '../list-models.ts';
import { readModelFacts } from '../model-facts.ts';
import { createModelSuggester } from './suggest-models.ts';

let folder: string;
let models: readonly ListedModel[];
let weights: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-suggest-'));
  await cp(join(fixturesRoot(), 'pipelines/lcm-tiny'), join(folder, 'dreamy-v2'), { recursive: true });
  await cp(join(fixturesRoot(), 'pipelines/lcm-tiny'), join(folder, 'other'), { recursive: true });
  ({ models } = await listModels({ packsRoot: join(findModelsRoot(), 'packs'), modelFolders: [folder] }, readModelFacts));
  weights = join(folder, 'other', 'unet', 'diffusion_pytorch_model.safetensors');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a missing model', () => {
  it('is offered back by name, then family', async () => {
    const { suggest } = createModelSuggester();
    const found = await suggest({ name: 'C:\\models\\sd\\Dreamy-v1.safetensors', family: 'sd15' }, models);
    expect(found.suggestions.map((one) => [one.name, one.because])).toEqual([
      ['dreamy-v2', 'name'],
      ['other', 'family'],
    ]);
    expect((await suggest('emojis', models)).suggestions).toMatchObject([{ name: 'emoji', bundled: true, because: 'name' }]);
    expect((await suggest('nothing like it', models)).suggestions).toEqual([]);
    // Of another family, so it can't take its place, whatever it is called.
    const family = await suggest({ name: 'dreamy-v2', family: 'sdxl' }, models);
    expect(family.suggestions).toEqual([]);
  });

  it('is offered back by hash first, reading only so much at a time', async () => {
    const sha256 = unwrap(await hashFile(weights));
    const file = (name: string, path: string): ListedModel => ({ name, path, label: 'SD 1.5', family: 'sd15', bundled: false });
    const files = [
      file('first', join(folder, 'other', 'vae', 'diffusion_pytorch_model.safetensors')),
      file('moved', weights),
      file('gone', join(folder, 'gone.safetensors')),
    ];
    const whole = await createModelSuggester().suggest({ name: 'lost', sha256: sha256.toUpperCase(), family: 'sd15' }, files);
    expect(whole.suggestions.map((one) => [one.name, one.because])).toEqual([
      ['moved', 'hash'],
      ['first', 'family'],
      ['gone', 'family'],
    ]);
    const { suggest } = createModelSuggester(1);
    expect(await suggest({ name: 'lost', sha256 }, files)).toMatchObject({ suggestions: [], unread: 1 });
    expect(await suggest({ name: 'lost', sha256 }, files)).toMatchObject({ suggestions: [{ name: 'moved', because: 'hash' }], unread: 0 });
  });
});
