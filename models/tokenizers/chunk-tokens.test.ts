import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { readWeights } from '../../nodes/conditioning/prompt/read-weights.ts';
import { type ChunkedText, chunkTokens } from './chunk-tokens.ts';
import { loadTokenizer } from './load-tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';
import { findTokenizerFiles } from './tokenizer-files.ts';

let clip: Tokenizer;
beforeAll(async () => {
  const files = findTokenizerFiles(undefined, fileURLToPath(new URL('./clip/', import.meta.url)), { model_max_length: 77 });
  if (!files.ok) throw new Error(files.problem.message);
  const loaded = await loadTokenizer(files.value);
  if (!loaded.ok) throw new Error(loaded.problem.message);
  clip = loaded.value;
});

const OPTIONS = { maxLength: 77, padding: 'maxLength', words: [] } as const;

function chunk(prompt: string, mostChunks = 20): ChunkedText {
  return chunkTokens(clip, readWeights(prompt), OPTIONS, mostChunks);
}

it('gives the ids of the whole text where there is no markup', () => {
  for (const text of ['', 'a red apple', ' two  spaces, and a comma ', 'ünï 🍎']) {
    const { chunks, isCut } = chunk(text);
    const { ids, mask } = clip.encode(text);
    expect(chunks).toEqual([{ ids, mask, weights: ids.map(() => 1) }]);
    expect(isCut).toBe(false);
  }
});

it('weighs the tokens of the words, not start, end and padding', () => {
  const [{ ids, weights }] = chunk('a (red:2) apple').chunks;
  expect(ids).toEqual(clip.encode('a red apple').ids);
  expect(weights).toEqual(ids.map((_, at) => (at === 2 ? 2 : 1)));
});

it('goes on in further chunks, and begins one at BREAK', () => {
  const apples = (count: number): string => Array.from({ length: count }, () => 'apple').join(' ');
  const full = chunk(apples(75));
  expect(full.chunks.map(({ ids }) => ids)).toEqual([clip.encode(apples(75)).ids]);
  const more = chunk(apples(160));
  expect(more.chunks.map(({ ids }) => ids)).toEqual([75, 75, 10].map((count) => clip.encode(apples(count)).ids));
  const broken = chunk('a BREAK BREAK (b:2) BREAK');
  expect(broken.chunks.map(({ ids }) => ids)).toEqual(['a', '', 'b'].map((text) => clip.encode(text).ids));
  expect(broken.chunks[2]?.weights[1]).toBe(2);
});

it('reads so many chunks at most, and says so', () => {
  const long = '(apple) '.repeat(12_000);
  const { chunks, isCut } = chunk(long, 3);
  expect(chunks).toHaveLength(3);
  expect(isCut).toBe(true);
  expect(chunk('a BREAK '.repeat(12_000), 3)).toMatchObject({ isCut: true, chunks: [{}, {}, {}] });
});
