import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAddOnFacts } from '../../host/add-on-facts.ts';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { waves, writeTensors } from '../../test/write-lora.ts';
import type { AddOnFacts } from '../facts.ts';
import { ok } from '../problem.ts';
import type { Tensor } from '../tensor.ts';
import { struct } from '../types/socket-type.ts';
import { loadEmbedding } from './load-embedding.ts';

let models: TestModels;
let folder = '';
beforeAll(async () => {
  models = openTestModels();
  folder = await mkdtemp(join(tmpdir(), 'emulsion-embedding-'));
});
afterAll(async () => {
  await models.close();
  await rm(folder, { recursive: true });
});

/** The tiny checkpoint's encoder is 32 wide. */
async function example(
  tensors: Record<string, Tensor>,
  params: Readonly<Record<string, unknown>> = {},
  name = 'wibble',
  model: 'tiny' | 'emoji' = 'tiny',
): Promise<NodeExample> {
  const { textEncoder } = await models.open(model);
  const file = await writeTensors(join(folder, `${name}.safetensors`), tensors);
  const facts = await readAddOnFacts('embedding', file);
  return { inputs: { textEncoder }, params: { file, ...params }, models: models.runtime, facts: { addOnFacts: () => facts } };
}

async function sentenceOf(from: NodeExample): Promise<string> {
  const { outcome } = await runExample(loadEmbedding, from);
  return outcome.ok ? 'it works' : outcome.problem.message;
}

async function encode(from: NodeExample, prompt: string): Promise<Float32Array> {
  const { textEncoder } = await outputsOf(loadEmbedding, from);
  // The socket's kind says what it is.
  const encoded = await models.runtime.encodeText(textEncoder as never, { prompt, clipSkip: 0 });
  if (!encoded.ok) throw new Error(encoded.problem.message);
  return encoded.value.states.data;
}

nodeContract(loadEmbedding, {
  examples: {
    'two vectors as A1111 writes them': () => example({ emb_params: waves([2, 32], 1) }),
    'one vector as diffusers writes it': () => example({ '<wibble>': waves([32], 1) }),
    'an embedding that nothing is known of': async () => ({ ...(await example({ emb_params: waves([1, 32], 1) })), facts: {} }),
  },
});

describe('Load Embedding', () => {
  it('names the word after the file’s tensor, else after the file, else as it is told', async () => {
    const tokenOf = async (from: NodeExample) => (await outputsOf(loadEmbedding, from))['textEncoder'];
    expect(await tokenOf(await example({ '<wibble>': waves([32], 1) }))).toMatchObject({ embeddings: [{ token: '<wibble>' }] });
    expect(await tokenOf(await example({ emb_params: waves([1, 32], 1) }))).toMatchObject({ embeddings: [{ token: 'wibble' }] });
    expect(await tokenOf(await example({ emb_params: waves([1, 32], 1) }, { token: 'sks' }))).toMatchObject({
      embeddings: [{ token: 'sks' }],
    });
  });

  it('passes on what it gets without a file', async () => {
    const { textEncoder } = await models.open('tiny');
    expect(await outputsOf(loadEmbedding, { inputs: { textEncoder } })).toEqual({ textEncoder });
  });

  it('is read where its word stands, whatever its case, and nowhere else', async () => {
    const from = await example({ emb_params: waves([2, 32], 1) });
    const plain = (await models.encode('tiny', 'a photo of a cat')).states.data;
    expect(await encode(from, 'a photo of a cat')).toEqual(plain);
    const word = await encode(from, 'a photo of wibble');
    expect(word).not.toEqual((await models.encode('tiny', 'a photo of wibble')).states.data);
    expect(await encode(from, 'a photo of WIBBLE')).toEqual(word);
    expect(await encode(from, 'a photo of wibble wibble')).not.toEqual(word);
  });

  it('stands beside others', async () => {
    const first = await example({ emb_params: waves([2, 32], 1) });
    const second = await example({ emb_params: waves([3, 32], 5) }, {}, 'wobble');
    const both = { ...second, inputs: await outputsOf(loadEmbedding, first) };
    expect(await encode(both, 'wibble')).toEqual(await encode(first, 'wibble'));
    expect(await encode(both, 'a wobble b')).toEqual(await encode(second, 'a wobble b'));
  });

  it('refuses what does not fit, in a sentence', async () => {
    expect(await sentenceOf(await example({ emb_params: waves([1, 24], 1) }))).toBe(
      'wibble has vectors 24 numbers wide, and the text encoder of lcm-tiny wants 32. Choose an embedding that was made for SD 1.5.',
    );
    expect(await sentenceOf(await example({ clip_l: waves([1, 32], 1), clip_g: waves([1, 40], 1) }))).toMatch(
      /^wibble has vectors 32 and 40 numbers wide, and the text encoder of lcm-tiny wants 32\./,
    );
    expect(await sentenceOf(await example({ clip_l: waves([1, 32], 1), clip_g: waves([2, 40], 1) }))).toMatch(
      /has 1 and 2 vectors for its two/,
    );
    expect(await sentenceOf(await example({ emb_params: waves([1501, 32], 1) }))).toMatch(
      /has 1501 vectors in emb_params, where a text has room for 75 and 1500 are read at most/,
    );
    expect(await sentenceOf(await example({ emb_params: waves([1, 384], 1) }, {}, 'wibble', 'emoji'))).toMatch(/is no CLIP/);
    expect(await sentenceOf(await example({ emb_params: waves([1, 32], 1) }, { token: 'two words' }))).toBe(
      'wibble would stand for "two words", but a word may have no spaces and 1 to 200 characters. Write another word in Token.',
    );
    const from = await example({ emb_params: waves([1, 32], 1) });
    expect(await sentenceOf({ ...from, inputs: await outputsOf(loadEmbedding, from) })).toMatch(
      /^“wibble” already stands for the embedding wibble\./,
    );
    const broken = waves([1, 32], 1);
    broken.data[3] = Number.POSITIVE_INFINITY;
    expect(await sentenceOf(await example({ emb_params: broken }))).toMatch(/holds a value that is not a number .* in emb_params/);
    expect(await sentenceOf(await example({ 'lora_unet_conv_in.alpha': waves([1, 2, 3], 1) }))).toMatch(
      /A textual inversion \(embedding\) is wanted here/,
    );
  });

  it('says before the run that it was made for another encoder', () => {
    const refuse = (facts: AddOnFacts): string[] => {
      const found: string[] = [];
      loadEmbedding.outputTypes?.(
        { textEncoder: struct('textEncoder', { family: 'sd15', dim: 768 }) },
        { file: 'x', token: null },
        {
          title: 'Load Embedding',
          sourceTitle: () => 'Checkpoint',
          refuse: (_socket, message) => found.push(message),
          warn: () => undefined,
          modelFacts: () => undefined,
          imageFacts: () => undefined,
          addOnFacts: () => ok(facts),
        },
      );
      return found;
    };
    expect(refuse({ name: 'x', fingerprint: '1', family: 'sdxl', encoderWidths: [768, 1280] })).toEqual([
      'Load Embedding has an embedding for SDXL (x), and Checkpoint gives a text encoder of the family SD 1.5. Choose an embedding that was made for SD 1.5.',
    ]);
    expect(refuse({ name: 'x', fingerprint: '1', encoderWidths: [640] })).toEqual([
      'Load Embedding has an embedding 640 numbers wide (x), and Checkpoint gives a text encoder 768 wide. Choose an embedding that was made for this kind of model.',
    ]);
    expect(refuse({ name: 'x', fingerprint: '1', family: 'sd15', encoderWidths: [768] })).toEqual([]);
  });
});
