import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32Of, readSafetensorsFile } from '../../test/fixtures-reader.ts';
import { differenceOf } from '../../test/golden/run-graph.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { unwrap } from '../../test/unwrap.ts';

const golden = fileURLToPath(new URL('../../test/golden/', import.meta.url));
let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

describe('clip skip, in text encoders of two layers', () => {
  const encode = async (folder: string, clipSkip: number) => {
    const { textEncoder } = unwrap(await models.runtime.open(`${golden}onnx-folders/${folder}`, null));
    return models.runtime.encodeText(textEncoder, { prompt: 'an owl, a fox', clipSkip });
  };

  it.each([
    ['sd', 'sd', 2],
    ['sdxl', 'sdxl', 1],
    ['sdxl-onnx', 'sdxl', 1],
  ])('leaves the embeddings, as in diffusers, where it takes every layer: %s', async (folder, recorded, clipSkip) => {
    const { states } = unwrap(await encode(folder, clipSkip));
    const want = float32Of(readSafetensorsFile(`${golden}clip-skip.safetensors`), recorded);
    expect(differenceOf(states.data, want)).toBeLessThanOrEqual(5e-5);
  });

  it.each([
    ['sd', 3, 'Text encoder 1 of sd has 2 layers, so 3 cannot be left out. Lower Clip skip.'],
    [
      'sdxl',
      2,
      'Text encoder 1 of sdxl has 2 layers, the last of which SDXL leaves out anyway, so 2 more cannot be left out. Lower Clip skip.',
    ],
  ])('takes no more layers than there are: %s', async (folder, clipSkip, message) => {
    expect(await encode(folder, clipSkip)).toMatchObject({ ok: false, problem: { socket: 'clipSkip', message } });
  });
});

it('says how much of a text is read, and does not pass what was counted off as all of it', async () => {
  await models.encode('emoji', 'apple '.repeat(40));
  await models.encode('emoji', 'apple '.repeat(5000));
  expect(models.notes).toEqual([
    expect.stringMatching(/^The prompt has 42 tokens and \S+ reads 32; left out: “apple/),
    expect.stringMatching(/^The prompt has more than 3\d\d tokens and \S+ reads 32; left out: “apple/),
  ]);
});
