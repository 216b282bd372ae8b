import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fixturesRoot } from '../../test/fixtures-reader.ts';
import { unwrap } from '../../test/unwrap.ts';
import { chunkTokens } from './chunk-tokens.ts';
import { loadTokenizer } from './load-tokenizer.ts';
import { locateWords } from './locate-words.ts';
import type { EncodeOptions, Tokenizer } from './tokenizer.ts';
import { findTokenizerFiles } from './tokenizer-files.ts';

const openAt = async (folder: string, bundled?: string): Promise<Tokenizer> =>
  unwrap(await loadTokenizer(unwrap(findTokenizerFiles(folder, bundled, {}))));

/** The words of a text with their rows: `fox 2`. */
function wordsOf(tokenizer: Tokenizer, text: string, more: Partial<EncodeOptions> = {}): string[] {
  const options = { maxLength: 77, ...more };
  return locateWords(tokenizer, [text], [tokenizer.encode(text, options)], options).map((word) => `${word.text} ${word.rows.join(' ')}`);
}

describe('the words of a text among its tokens', async () => {
  const clip = await openAt(`${fixturesRoot()}tokenizers/clip`, fileURLToPath(new URL('./clip/', import.meta.url)));
  const bert = await openAt(fileURLToPath(new URL('../packs/emoji/tokenizer', import.meta.url)));

  it('are found for CLIP, signs apart, several tokens of one word together', () => {
    expect(wordsOf(clip, 'a red  fox, jumping')).toEqual(['a 1', 'red 2', 'fox 3', ', 4', 'jumping 5']);
    expect(wordsOf(clip, 'an ice-cream that isn’t electroencephalographic')).toEqual([
      'an 1',
      'ice-cream 2 3 4',
      'that 5',
      expect.stringMatching(/^isn’t 6 7 8/),
      expect.stringMatching(/^electroencephalographic \d+ \d+/),
    ]);
  });

  it('are found for BERT without padding', () => {
    expect(wordsOf(bert, 'A red fox (jumping)', { padding: 'none' })).toEqual(['A 1', 'red 2', 'fox 3', '( 4', 'jumping 5', ') 6']);
    expect(wordsOf(bert, 'unaffable foxes', { padding: 'none' })).toEqual(['unaffable 1 2 3', expect.stringMatching(/^foxes 4/)]);
  });

  it('end where the tokens end', () => {
    expect(wordsOf(clip, 'one two three four', { maxLength: 4 })).toEqual(['one 1', 'two 2']);
    expect(wordsOf(clip, '')).toEqual([]);
  });

  it('of a long text are found in its chunks, behind start tokens and breaks', () => {
    const options = { maxLength: 5 };
    const stretches = [
      [
        { text: 'one two', weight: 1.2 },
        { text: ' three four', weight: 1 },
      ],
      [{ text: 'five', weight: 1 }],
    ];
    const { chunks } = chunkTokens(clip, stretches, options, 9);
    const found = locateWords(clip, ['one two', ' three four', 'five'], chunks, options);
    expect(found.map(({ text, rows }) => `${text} ${rows}`)).toEqual(['one 1', 'two 2', 'three 3', 'four 6', 'five 11']);
  });

  it('that an embedding stands for are one word', () => {
    const words = [{ text: 'my-style', ids: [49408, 49409] }];
    expect(wordsOf(clip, 'a my-style fox', { words })).toEqual(['a 1', 'my-style 2 3', 'fox 4']);
  });

  it('are found quickly in texts of any length', () => {
    const began = performance.now();
    expect(wordsOf(clip, 'x!'.repeat(50_000)).length).toBe(1);
    expect(wordsOf(clip, 'fox '.repeat(25_000)).length).toBe(75);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
