import type { TextWord } from '../../nodes/socket-values.ts';
import type { EncodeOptions, Encoding, Tokenizer } from './tokenizer.ts';

/** Words with their apostrophes and hyphens, and what stands between them. */
const WORDS = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*|[^\s\p{L}\p{M}\p{N}]+/gu;

/** A stretch without spaces that is longer is one word. */
const LONGEST_SPLIT = 200;

/**
 * Finds the words of a text among the tokens it was made into. `pieces` are the parts of the text that were tokenized by themselves, in
 * order; `chunks` what came out, each `maxLength` rows long. Words are the longest runs of letters and digits whose tokens,
 * one after the other, are those of the text; where letters and signs share tokens, all up to the next space is one word. Words that
 * found no room have no rows and are left out.
 */
export function locateWords(
  tokenizer: Tokenizer,
  pieces: readonly string[],
  chunks: readonly Pick<Encoding, 'ids' | 'mask'>[],
  { words: added, maxLength }: EncodeOptions & { readonly maxLength: number },
): TextWord[] {
  const frame = tokenizer.frame([], { padding: 'none' });
  const places = chunks.flatMap(({ ids, mask }, chunk) => {
    const content = mask.reduce((sum, one) => sum + one, 0) - frame.ids.length;
    return Array.from({ length: content }, (_, at) => ({ row: chunk * maxLength + frame.start + at, id: ids[frame.start + at] }));
  });
  const idsOf = (text: string): number[] => tokenizer.encodeContent(text, places.length, added);
  const found: TextWord[] = [];
  let next = 0;
  const take = (text: string, ids: readonly number[]): void => {
    const own = places.slice(next, next + ids.length);
    next += ids.length;
    if (own.length > 0) found.push({ text, rows: own.map(({ row }) => row) });
  };
  for (const piece of pieces) {
    for (const [stretch] of piece.matchAll(/\S+/gu)) {
      if (next >= places.length) return found;
      const whole = idsOf(stretch);
      const split = stretch.length > LONGEST_SPLIT ? [] : [...stretch.matchAll(WORDS)];
      const parts = split.map(([text]) => ({ text, ids: idsOf(text) }));
      const isSame = parts.flatMap(({ ids }) => ids).join() === whole.join();
      // The tokens of a text are those of its words, unless a tokenizer has rules that reach across spaces.
      if (whole.some((id, at) => next + at < places.length && places[next + at]?.id !== id)) return found;
      for (const { text, ids } of isSame ? parts : [{ text: stretch, ids: whole }]) take(text, ids);
    }
  }
  return found;
}
