import { fail, ok, type Result } from '../../problem.ts';
import type { TextTokens } from '../../socket-values.ts';
import { type Tensor, tensor } from '../../tensor.ts';

/** Which tokens of an edited text look where which tokens of its source look. */
export interface PromptAlignment {
  /** float32 [source tokens, edited tokens]: the share of a source token's attention that an edited one takes. */
  readonly mapper: Tensor;
  /** float32 [edited tokens]: 1 where a token has a counterpart, 0 where it keeps its own attention. */
  readonly alphas: Tensor;
}

/** How texts are aligned: word by word, by what they have in common, or the first where they have equally many words. */
export type EditKind = 'replace' | 'refine' | 'auto';

/** Aligns two texts of `rows` tokens each. `title`: whose sentence the refusal is. */
export function alignPrompts(title: string, kind: EditKind, source: TextTokens, edited: TextTokens, rows: number): Result<PromptAlignment> {
  const isEqual = source.words.length === edited.words.length;
  if (kind === 'replace' && !isEqual) {
    const sentence = `${title} replaces words one by one, and the source has ${source.words.length} words where the edited prompt has ${edited.words.length}. Write as many words, or set Edit to refine.`;
    return fail('node.invalidInput', sentence, { socket: 'edit' });
  }
  const alignment = { mapper: new Float32Array(rows * rows), alphas: new Float32Array(rows) };
  const link = (from: number, to: number, share: number): void => {
    if (from >= rows || to >= rows) return;
    alignment.mapper[from * rows + to] = share;
    alignment.alphas[to] = 1;
  };
  if (kind === 'refine' || (kind === 'auto' && !isEqual)) alignTokens(source, edited, link);
  else alignWords(source, edited, link);
  // Padding looks like the padding in the same place, or like the first where the source still has words there.
  for (let row = edited.used; row < rows; row++) link(Math.max(row, source.used), row, 1);
  return ok({ mapper: tensor(alignment.mapper, [rows, rows]), alphas: tensor(alignment.alphas, [rows]) });
}

type Link = (from: number, to: number, share: number) => void;

/**
 * Word by word (Hertz et al. 2022, word swap): tokens of words with equally many look alike one by one; otherwise each token of the new word takes an
 * equal share of all the old one's. What stands around the words goes along in order.
 */
function alignWords(source: TextTokens, edited: TextTokens, link: Link): void {
  for (const [at, { rows: to }] of edited.words.entries()) {
    const from = source.words[at]?.rows ?? [];
    if (from.length === to.length) for (const [index, row] of to.entries()) link(from[index] ?? row, row, 1);
    else for (const row of to) for (const other of from) link(other, row, 1 / to.length);
  }
  const others = ({ words, used }: TextTokens): number[] => {
    const taken = new Set(words.flatMap(({ rows }) => rows));
    return Array.from({ length: used }, (_, row) => row).filter((row) => !taken.has(row));
  };
  const [from, to] = [others(source), others(edited)];
  for (const [index, row] of to.entries()) {
    const other = from[index];
    if (other !== undefined) link(other, row, 1);
  }
}

/**
 * By what both have in common (Needleman and Wunsch 1970): tokens in order, a match counts 1, a mismatch −1, a gap 0; of equal scores, a
 * token more in the edited text goes before one less. New tokens have no counterpart.
 */
function alignTokens(source: TextTokens, edited: TextTokens, link: Link): void {
  const [x, y] = [source.ids.slice(0, source.used), edited.ids.slice(0, edited.used)];
  const width = y.length + 1;
  const scores = new Int32Array((x.length + 1) * width);
  const at = (i: number, j: number): number => scores[i * width + j] ?? 0;
  const diagonal = (i: number, j: number): number => at(i - 1, j - 1) + (x[i - 1] === y[j - 1] ? 1 : -1);
  for (let i = 1; i <= x.length; i++) {
    for (let j = 1; j <= y.length; j++) scores[i * width + j] = Math.max(at(i, j - 1), at(i - 1, j), diagonal(i, j));
  }
  let [i, j] = [x.length, y.length];
  while (i > 0 && j > 0) {
    if (at(i, j) === at(i, j - 1)) j--;
    else if (at(i, j) === at(i - 1, j)) i--;
    else link(--i, --j, 1);
  }
}
