/** One of the texts that a prompt joins with AND. */
export interface PromptPart {
  readonly text: string;
  /** How much it counts; any number. */
  readonly weight: number;
}

/** AND as a word of its own. */
const AND = /(?<![\p{L}\p{N}_])AND(?![\p{L}\p{N}_])/u;

/** A weight behind the last colon of a part. */
const WEIGHT = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)\s*$/;

/**
 * The texts between the ANDs of a prompt with their weights (`a fox :1.2 AND a forest`), as A1111 splits them. A prompt without AND is one
 * part with all its characters: unlike A1111, `16:9` alone is no weight.
 */
export function splitAnd(prompt: string): PromptPart[] {
  const texts = prompt.split(AND);
  if (texts.length === 1) return [{ text: prompt, weight: 1 }];
  return texts.map(readPart);
}

function readPart(text: string): PromptPart {
  const colon = text.lastIndexOf(':');
  const number = text.slice(colon + 1);
  if (colon < 0 || !WEIGHT.test(number)) return { text: text.trim(), weight: 1 };
  return { text: text.slice(0, colon).trim(), weight: Number(number) };
}
