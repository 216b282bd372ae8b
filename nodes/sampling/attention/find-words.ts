import { fail, ok, type Result } from '../../problem.ts';
import type { TextTokens } from '../../socket-values.ts';

/** One or more words that stand together in a text. */
export interface FoundWords {
  /** As the text writes them. */
  readonly text: string;
  /** Their tokens, by their places among the states. */
  readonly rows: readonly number[];
}

/**
 * A word or several in a row, whatever their case and the spaces between them; each time they stand in the text counts. `title`, `socket`: whose
 * sentence the refusal is, and about which parameter.
 */
export function findWords(title: string, socket: string, { words }: TextTokens, wanted: string): Result<FoundWords> {
  const squeeze = (text: string): string => text.toLowerCase().replace(/\s+/gu, '');
  const looked = squeeze(wanted);
  const found: { text: string; rows: number[] }[] = [];
  for (const start of looked === '' ? [] : words.keys()) {
    let text = '';
    const rows: number[] = [];
    for (const word of words.slice(start)) {
      text = text === '' ? word.text : `${text} ${word.text}`;
      rows.push(...word.rows);
      if (squeeze(text).length >= looked.length) break;
    }
    if (squeeze(text) === looked) found.push({ text, rows });
  }
  const [first] = found;
  if (first === undefined) {
    const all = words.map(({ text }) => text).join(' ');
    const shown = all.length > 200 ? `${all.slice(0, 199)}…` : all;
    const sentence = `${title} finds no “${wanted.trim().slice(0, 60)}” in the prompt “${shown}”. Write words as they stand there.`;
    return fail('node.invalidInput', sentence, { socket });
  }
  return ok({ text: first.text, rows: found.flatMap(({ rows }) => rows) });
}

/** Numbers for words: `hat: 2, blue dress: -0.5`, separated by commas, semicolons or lines. The last colon parts words and number. */
export function readWordNumbers(
  title: string,
  socket: string,
  tokens: TextTokens,
  list: string | null,
  limits: { readonly min: number; readonly max: number },
): Result<readonly { readonly words: FoundWords; readonly value: number }[]> {
  const read: { words: FoundWords; value: number }[] = [];
  for (const entry of splitList(list)) {
    const [, words = '', number = ''] = /^(.*):\s*([^:]*)$/su.exec(entry) ?? [];
    const value = number.trim() === '' ? Number.NaN : Number(number);
    if (!(value >= limits.min && value <= limits.max)) {
      const sentence = `${title} wants “word: number” with numbers from ${limits.min} to ${limits.max}, and got “${entry.slice(0, 60)}”. Write for example “hat: ${limits.max > 1 ? 2 : 0.5}”.`;
      return fail('node.invalidInput', sentence, { socket });
    }
    const found = findWords(title, socket, tokens, words);
    if (!found.ok) return found;
    read.push({ words: found.value, value });
  }
  return ok(read);
}

/** The entries of a list separated by commas, semicolons or lines, without empty ones. */
export function splitList(list: string | null): string[] {
  return (list ?? '')
    .split(/[,;\n]/u)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
