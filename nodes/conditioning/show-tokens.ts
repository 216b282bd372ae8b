// What a text encoder made of a text: its tokens and their numbers.
import { defineNode } from '../define-node.ts';
import { heatColour } from '../image/heat-colours.ts';
import { drawText } from '../image/pixel-font.ts';
import { fail, ok } from '../problem.ts';
import type { ConditioningValue, TextTokens } from '../socket-values.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';
import { list, struct, text } from '../types/socket-type.ts';

const TITLE = 'Show Tokens';
const ROW_PX = 14;
const LABEL_PX = 190;
const STRIP_PX = 384;
const WIDTH_PX = LABEL_PX + STRIP_PX + 8;

/** As many letters as fit beside the number of a token. */
const MOST_LETTERS = 18;

const INK = 0.15;
const FAINT = 0.6;

export const showTokens = defineNode({
  id: 'conditioning.showTokens',
  version: 1,
  title: TITLE,
  category: 'conditioning',
  summary: 'Shows the tokens of a text, where it was cut off, and the numbers that stand for each.',
  docs: `
A text encoder cuts a text into tokens, pieces of words from its vocabulary, and gives each a row of numbers, which the denoiser attends to. Every row of the
sheet is a token: its number in the vocabulary, the word it belongs to (· begins a further piece of a word), and its numbers as a strip from the lowest
(dark) to the highest (bright) of the whole text, several to a column where they are many. Start, end and padding are grey; padding is shown as one
row. A text longer than the encoder reads has no rows beyond its end: the run's notes say what was left out.

**Tokens** is the list of the words' tokens as text, **Count** how many rows the text takes, with start and end. SDXL's second encoder stands in the
same rows, to the right.`,
  inputs: { conditioning: { type: 'conditioning', title: 'Conditioning', doc: 'From a Text Encoder.' } },
  outputs: {
    image: { type: 'image', title: 'Image', doc: 'The sheet.' },
    tokens: { type: 'text', title: 'Tokens', doc: 'A list: the number and the word of each token.' },
    count: { type: 'number', title: 'Count', doc: 'Rows with start and end, without padding.' },
  },
  params: {},
  outputTypes: () => ({ image: struct('image', { width: WIDTH_PX, channels: 3, batch: 1 }), tokens: list(text()) }),
  async evaluate({ conditioning }, _params, context) {
    context.signal.throwIfCancelled();
    const { tokens } = conditioning;
    if (tokens === undefined) {
      return fail('node.invalidInput', `${TITLE} gets a text whose tokens are not known, as after Blend. Wire it to a Text Encoder.`, {
        socket: 'conditioning',
      });
    }
    const rows = rowsOf(tokens);
    const named = rows.flatMap(({ label, isText }) => (isText ? [label] : []));
    return ok({
      image: drawSheet(conditioning, rows),
      // A list where the socket names one text.
      tokens: named as unknown as string,
      count: tokens.used,
    });
  },
});

interface Row {
  readonly at: number;
  readonly label: string;
  readonly isText: boolean;
}

/** The rows that are shown: all that are used, and one for the padding. */
function rowsOf(tokens: TextTokens): Row[] {
  const wordOf = new Map(
    tokens.words.flatMap(({ text: word, rows }) => rows.map((row, piece) => [row, piece === 0 ? word : `· ${word}`] as const)),
  );
  const shown = Math.min(tokens.ids.length, tokens.used + 1);
  return Array.from({ length: shown }, (_, at) => {
    const word = wordOf.get(at);
    const name = word ?? (at >= tokens.used ? '(padding)' : at === 0 ? '(start)' : '(end)');
    return { at, label: `${tokens.ids[at] ?? ''} ${name}`, isText: word !== undefined };
  });
}

function drawSheet({ states }: ConditioningValue, rows: readonly Row[]): Tensor {
  const height = Math.max(1, rows.length) * ROW_PX;
  const sheet = new Float32Array(3 * WIDTH_PX * height).fill(1);
  const picture = { data: sheet, widthPx: WIDTH_PX, heightPx: height };
  const width = sizeAt(states, 2);
  const values = rows.map(({ at }) => averageColumns(states.data.subarray(at * width, (at + 1) * width)));
  const [low, high] = values
    .flat()
    .reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  for (const [index, { label, isText }] of rows.entries()) {
    const [number = '', ...name] = label.split(' ');
    const top = index * ROW_PX + 3;
    drawText(picture, number, 4, top, FAINT);
    drawText(picture, shorten(name.join(' ').toLowerCase()), 46, top, isText ? INK : FAINT);
    for (const [column, value] of (values[index] ?? []).entries()) {
      const colour = heatColour(high > low ? (value - low) / (high - low) : 0.5);
      const [from, to] = stripOf(column, values[index]?.length ?? 1);
      for (const [channel, shade] of colour.entries()) {
        for (let y = index * ROW_PX + 1; y < (index + 1) * ROW_PX - 1; y++)
          sheet.fill(shade, (channel * height + y) * WIDTH_PX + from, (channel * height + y) * WIDTH_PX + to);
      }
    }
  }
  return tensor(sheet, [1, 3, height, WIDTH_PX]);
}

/** At most one value a pixel of the strip: the mean of neighbours where there are more. */
function averageColumns(row: Float32Array): number[] {
  const columns = Math.min(row.length, STRIP_PX);
  return Array.from({ length: columns }, (_, column) => {
    const part = row.subarray(Math.floor((column * row.length) / columns), Math.floor(((column + 1) * row.length) / columns));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

function stripOf(column: number, columns: number): readonly [from: number, to: number] {
  const edge = (at: number): number => LABEL_PX + Math.round((at * STRIP_PX) / columns);
  return [edge(column), edge(column + 1)];
}

function shorten(word: string): string {
  return word.length > MOST_LETTERS ? `${word.slice(0, MOST_LETTERS - 1)}…` : word;
}
