import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturesRoot, readJsonLines } from '../../test/fixtures-reader.ts';
import { hashFile } from '../fingerprint.ts';
import { findModelsRoot } from '../models-root.ts';
import { loadTokenizer } from './load-tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';
import { findTokenizerFiles } from './tokenizer-files.ts';

const fixtures = fixturesRoot();
const bundledClip = fileURLToPath(new URL('./clip/', import.meta.url));

async function load(folder: string | undefined, bundled?: string, defaults: Record<string, unknown> = {}): Promise<Tokenizer> {
  const files = findTokenizerFiles(folder, bundled, defaults);
  if (!files.ok) throw new Error(files.problem.message);
  const tokenizer = await loadTokenizer(files.value);
  if (!tokenizer.ok) throw new Error(tokenizer.problem.message);
  return tokenizer.value;
}

/** The better of three, so that a busy machine does not fail a test. */
function quickestMs(work: () => void): number {
  const times = [1, 2, 3].map(() => {
    const began = performance.now();
    work();
    return performance.now() - began;
  });
  return Math.min(...times);
}

interface ClipRow {
  readonly text: string;
  readonly ids: number[];
  readonly ids77: number[];
  readonly ids_slow?: number[];
}

describe('CLIP', () => {
  let clip: Tokenizer;
  beforeAll(async () => {
    clip = await load(`${fixtures}tokenizers/clip`, bundledClip);
  });

  it('gives the ids of transformers for every recorded string', () => {
    const rows = readJsonLines<ClipRow>(`${fixtures}tokenizers/clip.jsonl`);
    expect(rows.length).toBe(200);
    for (const { text, ids, ids77, ids_slow } of rows) {
      const free = clip.encode(text, { maxLength: 10_000, padding: 'none' });
      expect([ids, ids_slow]).toContainEqual(free.ids);
      expect(free.tokens).toBe(free.ids.length);
      if (free.ids.join() === ids.join()) expect(clip.encode(text).ids).toEqual(ids77);
    }
  });

  it('has a bundled vocabulary with the same ids, for checkpoints that bring none', async () => {
    const bundled = await load(undefined, bundledClip, { model_max_length: 77 });
    for (const { text } of readJsonLines<ClipRow>(`${fixtures}tokenizers/clip.jsonl`)) {
      expect(bundled.encode(text)).toEqual(clip.encode(text));
    }
  });

  it('bundles the very file its manifest names', async () => {
    const manifest = JSON.parse(readFileSync(join(bundledClip, 'manifest.json'), 'utf8'));
    expect(await hashFile(join(bundledClip, 'merges.txt'))).toEqual({ ok: true, value: manifest.files['merges.txt'].sha256 });
  });

  it('keeps the end token when it cuts, and says from which word on', () => {
    const text = `${'a very small cat, '.repeat(14)}under  a Red umbrella`;
    const encoding = clip.encode(text);
    expect(encoding.ids.length).toBe(77);
    expect(encoding.ids.at(-1)).toBe(49407);
    expect(encoding.mask.filter((bit) => bit === 1).length).toBe(76);
    expect(encoding.tokens).toBe(2 + 14 * 5 + 4);
    expect(encoding.truncated).toBeUndefined();
    expect(clip.encode(`${text} in the rain`).truncated).toBe('the rain');
    expect(clip.encode(`${text} in the rain`)).toMatchObject({ tokens: 79, hasMore: false });
    // A beginning of it is enough to know what fits; more is not counted, and not claimed.
    expect(clip.encode('cat '.repeat(100_000))).toMatchObject({ hasMore: true });
  });

  it('pads with the token its settings name, masked out', () => {
    const { ids, mask } = clip.encode('a cat', { maxLength: 6 });
    expect(ids).toEqual([49406, 320, 2368, 49407, 49407, 49407]);
    expect(mask).toEqual([1, 1, 1, 1, 0, 0]);
  });

  const loaded = new Map<string, Tokenizer>();
  // What transformers 5.23 gives: a special token that the settings name as plain text is matched as typed, one named by an object with
  // `normalized` also in lower case; with `!` as padding, every ! in the text becomes that token.
  it.each([
    ['sd2-tiny', 'hello! world!!', [2012, 71, 826, 334, 0, 1002, 0, 0, 2013]],
    ['sd2-tiny', 'what?! <|endoftext|> x', [2012, 768, 286, 0, 2013, 343, 2013]],
    ['sd2-tiny', 'X <|ENDOFTEXT|> y', [2012, 343, 2013, 344, 2013]],
    ['sd15-tiny', 'hello! world!!', [49406, 3306, 256, 1002, 748, 49407]],
    ['sd15-tiny', 'x<|startoftext|>y', [49406, 343, 49406, 344, 49407]],
    ['sd15-tiny', 'a?\ufeff b', [49406, 320, 30, 171, 119, 379, 321, 49407]],
    ['sd15-tiny', 'a <|ENDOFTEXT|>’s', [49406, 320, 27, 347, 40786, 4160, 91, 285, 728, 503, 338, 49407]],
    ['sd15-tiny', 'X <|ENDOFTEXT|> y', [49406, 343, 27, 347, 40786, 4160, 91, 285, 344, 49407]],
  ])('finds special tokens in the text as %s wants: %s', async (pipeline, text, ids) => {
    const tokenizer = loaded.get(pipeline) ?? (await load(`${fixtures}pipelines/${pipeline}/tokenizer`, bundledClip));
    loaded.set(pipeline, tokenizer);
    expect(tokenizer.encode(text, { padding: 'none' }).ids).toEqual(ids);
    expect(tokenizer.padId).toBe(pipeline === 'sd2-tiny' ? 0 : 49407);
  });

  it('stays quick and whole on hostile texts', () => {
    const texts = ['a', 'cat ', '!', '1', '😀', 'é', '中', '\n', ' ', '\u0301', '\ud800', '<|endoftext|>', 'ab\u00a0'].map((part) =>
      part.repeat(100_000 / part.length),
    );
    for (const text of texts) {
      const { ids, truncated } = clip.encode(text);
      expect(ids.length).toBe(77);
      if (text.trim() !== '') expect(text.endsWith(truncated ?? 'nothing was cut')).toBe(true);
      expect(quickestMs(() => clip.encode(text))).toBeLessThan(800);
    }
    expect(clip.encode('\ud800 a \udc00').ids.length).toBe(77);
  });

  it('cuts a long text where the whole of it would be cut', () => {
    const text = Array.from({ length: 3000 }, (_, index) => ['cat', 'umbrella', 'x9', 'naïve'][index % 4]).join(' ');
    expect(clip.encode(text).ids).toEqual(clip.encode(text.slice(0, 900)).ids);
  });
});

describe('BERT', () => {
  const packTokenizer = join(findModelsRoot(), 'packs', 'emoji', 'tokenizer');
  let bert: Tokenizer;
  beforeAll(async () => {
    const loaded = await loadTokenizer({
      vocabulary: { kind: 'bert', vocabPath: join(packTokenizer, 'vocab.txt') },
      settingsPaths: [`${fixtures}tokenizers/bert/tokenizer_config.json`],
      defaults: {},
    });
    if (!loaded.ok) throw new Error(loaded.problem.message);
    bert = loaded.value;
  });

  it('gives the ids of transformers for every recorded string, from vocab.txt and from tokenizer.json', async () => {
    const fromJson = await load(packTokenizer);
    const rows = readJsonLines<{ text: string; ids: number[] }>(`${fixtures}tokenizers/bert.jsonl`);
    expect(rows.length).toBe(200);
    for (const { text, ids } of rows) {
      expect(bert.encode(text, { padding: 'none' }).ids).toEqual(ids);
      expect(fromJson.encode(text, { padding: 'none' }).ids).toEqual(ids);
    }
    for (const tokenizer of [bert, fromJson]) expect(tokenizer).toMatchObject({ maxLength: 512, padId: 0, vocabularySize: 30522 });
    expect(bert.encode('a cat', { maxLength: 6 })).toMatchObject({ ids: [101, 1037, 4937, 102, 0, 0], mask: [1, 1, 1, 1, 0, 0] });
  });

  it('sets rare Chinese characters apart and finds special tokens', () => {
    expect(bert.encode('\u{20000}\u{2A6D6}a', { padding: 'none' }).ids).toEqual([101, 100, 100, 1037, 102]);
    expect(bert.encode('a\u200bb [MASK]', { padding: 'none' }).ids).toEqual([101, 11113, 103, 102]);
  });

  it('stays quick on hostile texts', () => {
    for (const part of ['a', 'cat ', '!', '😀', '中', '\u0301', '\ud800']) {
      const text = part.repeat(100_000 / part.length);
      expect(bert.encode(text, { maxLength: 32 }).ids.length).toBe(32);
      expect(quickestMs(() => bert.encode(text, { maxLength: 32 }))).toBeLessThan(800);
    }
  });
});

describe('files that are no tokenizer', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emulsion-tokenizer-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('names what is missing or broken', async () => {
    expect(findTokenizerFiles(folder)).toMatchObject({
      ok: false,
      problem: { code: 'model.tokenizer', message: expect.stringContaining(folder) },
    });
    const message = async () => {
      const files = findTokenizerFiles(folder);
      const result = files.ok ? await loadTokenizer(files.value) : files;
      return result.ok ? 'loaded' : result.problem.message;
    };
    await writeFile(join(folder, 'merges.txt'), '#version: 0.2\na b\nno-pair\n');
    await writeFile(join(folder, 'vocab.json'), '{"a":0,"b":1,"ab":2}');
    expect(await message()).toMatch(/merges\.txt has the line "no-pair"/);
    await writeFile(join(folder, 'merges.txt'), 'a b\n');
    expect(await message()).toMatch(/vocab\.json.*has no .*<\|startoftext\|>/);
    await writeFile(join(folder, 'merges.txt'), 'a b\nab c\n');
    expect(await message()).toMatch(/merges\.txt makes a token "abc", which .*vocab\.json does not have\. They do not belong together/);
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, id) => [`t${id}`, id]));
    await writeFile(join(folder, 'vocab.json'), JSON.stringify({ ...many, ab: 3000, abc: 3001 }));
    expect(await message()).toMatch(/merges\.txt makes 2 tokens, and .*vocab\.json has 3002: it is cut short/);
    await writeFile(join(folder, 'vocab.json'), '{"a":0,"b":-1}');
    expect(await message()).toMatch(/vocab\.json gives "b" a value that is no token id/);
    await writeFile(join(folder, 'vocab.json'), '[');
    expect(await message()).toMatch(/vocab\.json is not valid JSON/);
    await writeFile(join(folder, 'tokenizer.json'), '{"model":{}}');
    expect(await message()).toMatch(/tokenizer\.json is not a tokenizer: it has no normalizer/);
    const shell = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify({ ...shell, model: { type: 'Magic' } }));
    expect(await message()).toMatch(/tokenizer\.json describes a tokenizer that cannot be built/);
  });
});
