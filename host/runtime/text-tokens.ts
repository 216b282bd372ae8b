import { locateWords } from '../../models/tokenizers/locate-words.ts';
import type { Encoding } from '../../models/tokenizers/tokenizer.ts';
import type { TextTokens } from '../../nodes/socket-values.ts';
import type { OpenTextEncoder } from './encode-text.ts';

/** Where the words of a text stand among what an encoder read: `pieces` were tokenized by themselves and fill the chunks in order. */
export function textTokensOf(
  { tokenizer, options }: Pick<OpenTextEncoder, 'tokenizer' | 'options'>,
  pieces: readonly string[],
  chunks: readonly Pick<Encoding, 'ids' | 'mask'>[],
): TextTokens {
  const { maxLength } = options;
  const ids = new Array<number>(chunks.length * maxLength).fill(tokenizer.padId ?? 0);
  let used = 0;
  for (const [chunk, { ids: own, mask }] of chunks.entries()) {
    for (const [at, id] of own.entries()) ids[chunk * maxLength + at] = id;
    used = chunk * maxLength + mask.lastIndexOf(1) + 1;
  }
  return { ids, used, words: locateWords(tokenizer, pieces, chunks, options) };
}
