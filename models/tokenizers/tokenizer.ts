import { type AddedWord, encodeAroundWords } from './added-words.ts';
import type { Engine } from './engine.ts';

/** How one text is turned into ids. */
export interface EncodeOptions {
  /** Ids at most, start and end included; the tokenizer's own limit if left out. */
  readonly maxLength?: number;
  /** `maxLength` fills up with the padding token (the default); `none` gives as many ids as the text needs. */
  readonly padding?: 'maxLength' | 'none';
  /** Words beside the vocabulary, with ids of their own. */
  readonly words?: readonly AddedWord[];
}

/** One text as ids. */
export interface Encoding {
  /** Rows of the embedding table: start, text, end, padding. */
  readonly ids: readonly number[];
  /** 1 for start, text and end, 0 for padding; as long as `ids`. */
  readonly mask: readonly number[];
  /** How many ids the whole text wants, start and end included. */
  readonly tokens: number;
  /** The text wants more than `tokens`: only a beginning of it, longer than fits, was counted. */
  readonly hasMore: boolean;
  /** The end of the text that found no room, from the first word that did not fit; undefined if all of it did. */
  readonly truncated: string | undefined;
}

/** Text to ids as one checkpoint's text encoder learned them. */
export interface Tokenizer {
  /** The most ids its encoder takes, as the settings say; undefined if they name no limit. */
  readonly maxLength: number | undefined;
  /** Fills the places after the end; undefined if the tokenizer has no padding token. */
  readonly padId: number | undefined;
  /** Every id is below this; the encoder's `vocab_size` must not be smaller. */
  readonly vocabularySize: number;
  encode(text: string, options?: EncodeOptions): Encoding;
  /** The ids of the text alone, without start, end and padding; of a text that has more than `atMost`, at least so many. */
  encodeContent(text: string, atMost: number, words?: readonly AddedWord[]): number[];
  /** Start, ids of a text, end, padding; `start`: how many come before the text. More ids than fit are a bug and throw. */
  frame(content: readonly number[], options?: Omit<EncodeOptions, 'words'>): Pick<Encoding, 'ids' | 'mask'> & { readonly start: number };
}

/** Characters tokenized at first; a prompt that fills its tokens with these need not be read further. */
const FIRST_WINDOW_CHARS = 2000;

/** No token of CLIP or BERT is longer than this, so a window of tokens × this is never too short for plain text. */
const CHARS_PER_TOKEN = 16;

/** Tokens this far behind the cut are beyond the reach of a window cut in the middle of a word. */
const SAFETY_TOKENS = 64;

/**
 * Wraps the tokenizer engine with truncation that keeps the end token, padding, and bounded work: only as much of a long text is
 * tokenized as can matter, so a text of 100,000 characters costs what 2,000 do.
 */
export function makeTokenizer(engine: Engine, maxLength: number | undefined, padId: number | undefined): Tokenizer {
  const plainIds = (text: string) => engine.encode(text, { add_special_tokens: false }).ids;
  const { before, after } = frameIds(engine, plainIds);
  const contentIdsAround = (words: readonly AddedWord[]): ((text: string) => number[]) =>
    words.length === 0 ? plainIds : (part) => encodeAroundWords(part, words, plainIds);
  const frame: Tokenizer['frame'] = (content, options = {}) => {
    const limit = options.maxLength ?? maxLength ?? Number.POSITIVE_INFINITY;
    const ids = [...before, ...content, ...after];
    if (ids.length > limit) throw new Error(`${content.length} ids do not fit into ${limit} with start and end`);
    const mask = ids.map(() => 1);
    if ((options.padding ?? 'maxLength') === 'maxLength' && Number.isFinite(limit)) {
      if (padId === undefined && ids.length < limit) throw new Error('this tokenizer has no padding token');
      while (ids.length < limit && padId !== undefined) {
        ids.push(padId);
        mask.push(0);
      }
    }
    return { ids, mask, start: before.length };
  };
  return {
    maxLength,
    padId,
    vocabularySize: engine.model.vocab.length,
    encode(text, options = {}) {
      const limit = options.maxLength ?? maxLength ?? Number.POSITIVE_INFINITY;
      const room = limit - before.length - after.length;
      if (room < 0) throw new Error(`a limit of ${limit} leaves no room for start and end`);
      const contentIds = contentIdsAround(options.words ?? []);
      const { ids: content, isWhole } = encodeEnough(text, room, contentIds);
      const { ids, mask } = frame(content.slice(0, room), options);
      const tokens = before.length + content.length + after.length;
      return { ids, mask, tokens, hasMore: !isWhole, truncated: content.length > room ? leftOver(text, room, contentIds) : undefined };
    },
    encodeContent: (text, atMost, words = []) => encodeEnough(text, atMost, contentIdsAround(words)).ids,
    frame,
  };
}

/** What the post-processor puts before and after every text. */
function frameIds(engine: Engine, contentIds: (text: string) => number[]): { before: number[]; after: number[] } {
  const bare = contentIds('a');
  const framed = engine.encode('a').ids;
  const added = framed.length - bare.length;
  let start = 0;
  while (start < added && !bare.every((id, index) => framed[start + index] === id)) start++;
  return { before: framed.slice(0, start), after: framed.slice(start + bare.length) };
}

/** The ids of the text, or of a beginning of it that certainly fills `room`. */
function encodeEnough(text: string, room: number, contentIds: (text: string) => number[]): { ids: number[]; isWhole: boolean } {
  let window = Math.max(FIRST_WINDOW_CHARS, Number.isFinite(room) ? room * CHARS_PER_TOKEN : Number.POSITIVE_INFINITY);
  for (;;) {
    const ids = contentIds(cutAt(text, window));
    const isWhole = window >= text.length;
    if (isWhole || ids.length > room + SAFETY_TOKENS) return { ids, isWhole };
    window *= 4;
  }
}

/** The first `length` characters, shortened to the last space among them if there is one near, and never half of a surrogate pair. */
function cutAt(text: string, length: number): string {
  if (length >= text.length) return text;
  const start = text.slice(0, length);
  const space = start.search(/\s\S*$/u);
  if (space > length / 2) return start.slice(0, space);
  return /[\uD800-\uDBFF]$/.test(start) ? start.slice(0, -1) : start;
}

/** The text from the first word whose tokens did not all fit. No token of CLIP or BERT reaches across a space, so words add up. */
function leftOver(text: string, room: number, contentIds: (text: string) => number[]): string {
  let used = 0;
  for (const word of text.matchAll(/\S+/gu)) {
    used += contentIds(cutAt(word[0], FIRST_WINDOW_CHARS)).length;
    if (used > room) return text.slice(word.index);
  }
  return '';
}
