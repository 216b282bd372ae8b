/** A word that a textual inversion adds, and the ids it stands for. */
export interface AddedWord {
  readonly text: string;
  readonly ids: readonly number[];
}

/**
 * Ids of a text with added words in it. As transformers does it, words are found in the text before it is split, whatever their case,
 * also inside of longer words; where two begin at one place the longer one counts.
 */
export function encodeAroundWords(text: string, words: readonly AddedWord[], encode: (text: string) => readonly number[]): number[] {
  if (words.length === 0) return [...encode(text)];
  const longestFirst = [...words].sort((a, b) => b.text.length - a.text.length);
  const pattern = new RegExp(longestFirst.map(({ text: word }) => `(${word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')})`).join('|'), 'giu');
  const ids: number[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    const found = longestFirst[match.slice(1).findIndex((group) => group !== undefined)];
    ids.push(...encode(text.slice(at, match.index)), ...(found?.ids ?? []));
    at = match.index + match[0].length;
  }
  return [...ids, ...encode(text.slice(at))];
}
