/** A stretch of a prompt that counts alike. */
export interface WeightedText {
  readonly text: string;
  /** 1 changes nothing. */
  readonly weight: number;
}

const ROUND = 1.1;
const SQUARE = 1 / 1.1;

/** Brackets, escapes, a weight with its closing bracket, or text without any of these. */
const TOKENS = /\\[()[\]|:\\]|:\s*([+-]?[.\d]+)\s*\)|[()[\]]|[^\\()[\]:]+|[\\:]/gsu;

/** A plain decimal number. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;

const BREAK = /(?<![\p{L}\p{N}_])BREAK(?![\p{L}\p{N}_])/u;

/** A pair of brackets: what they multiply the pieces `start` … `end` (exclusive) by; open ones reach to the end of the text. */
interface Bracket {
  readonly start: number;
  end: number;
  factor: number;
}

/**
 * Reads A1111's weights: `(x)` ×1.1, `[x]` ÷1.1, `(x:1.3)`, nested at will; a backslash before a bracket, bar, colon or backslash makes it
 * text. Brackets that are never closed act to the end of the text; closing ones without a beginning are text. The result has one list for
 * each stretch between `BREAK`s, in which neighbours have different weights. A text without markup comes back whole.
 */
export function readWeights(prompt: string): WeightedText[][] {
  // undefined: BREAK.
  const pieces: (string | undefined)[] = [];
  const round: Bracket[] = [];
  const square: Bracket[] = [];
  const openRound: Bracket[] = [];
  const openSquare: Bracket[] = [];
  const open = (all: Bracket[], opened: Bracket[], factor: number): void => {
    const bracket = { start: pieces.length, end: Number.POSITIVE_INFINITY, factor };
    all.push(bracket);
    opened.push(bracket);
  };
  const close = (bracket: Bracket, factor = bracket.factor): void => {
    bracket.end = pieces.length;
    bracket.factor = factor;
  };
  for (const [token, number] of prompt.matchAll(TOKENS)) {
    const [isRound, isSquare] = [token === ')' && openRound.length > 0, token === ']' && openSquare.length > 0];
    const isWeight = number !== undefined && NUMBER.test(number) && openRound.length > 0;
    const closed = isRound || isWeight ? openRound.pop() : isSquare ? openSquare.pop() : undefined;
    if (closed !== undefined) close(closed, isWeight ? Number(number) : undefined);
    else if (token === '(') open(round, openRound, ROUND);
    else if (token === '[') open(square, openSquare, SQUARE);
    else if (token.length === 2 && token.startsWith('\\')) pieces.push(token.slice(1));
    else pieces.push(...splitAtBreaks(token));
  }
  return join(pieces, multiply(round, pieces.length), multiply(square, pieces.length));
}

/** The text with undefined where it says BREAK, without the spaces around that. */
function splitAtBreaks(text: string): (string | undefined)[] {
  const parts = text.split(BREAK);
  return parts.flatMap((part, index) => {
    const isFirst = index === 0;
    const right = index === parts.length - 1 ? part : part.trimEnd();
    return isFirst ? [right] : [undefined, right.trimStart()];
  });
}

/** The product of the brackets around each piece. Brackets of one kind lie inside each other, in the order of their beginnings. */
function multiply(brackets: readonly Bracket[], count: number): Float64Array {
  const products = new Float64Array(count);
  const around: { readonly end: number; readonly product: number }[] = [];
  let next = 0;
  for (let at = 0; at < count; at++) {
    while ((around.at(-1)?.end ?? Number.POSITIVE_INFINITY) <= at) around.pop();
    for (let bracket = brackets[next]; bracket !== undefined && bracket.start <= at; bracket = brackets[++next]) {
      if (bracket.end > at) around.push({ end: bracket.end, product: (around.at(-1)?.product ?? 1) * bracket.factor });
    }
    products[at] = around.at(-1)?.product ?? 1;
  }
  return products;
}

/** One list for each stretch between breaks; neighbours that count alike become one. */
function join(pieces: readonly (string | undefined)[], round: Float64Array, square: Float64Array): WeightedText[][] {
  const stretches: { texts: string[]; weight: number }[][] = [[]];
  for (const [at, text] of pieces.entries()) {
    if (text === undefined) stretches.push([]);
    if (text === undefined || text === '') continue;
    const weight = (round[at] ?? 1) * (square[at] ?? 1);
    const before = stretches.at(-1)?.at(-1);
    if (before?.weight === weight) before.texts.push(text);
    else stretches.at(-1)?.push({ texts: [text], weight });
  }
  return stretches.map((stretch) => stretch.map(({ texts, weight }) => ({ text: texts.join(''), weight })));
}
