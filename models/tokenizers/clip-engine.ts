import { ok, type Result } from '../../nodes/problem.ts';
import type { JsonObject } from '../read-json.ts';
import { type BuiltEngine, buildEngine, type EngineFrame, unknownTokens, type Vocabulary } from './engine.ts';
import { collectAddedTokens, specialTokenText } from './special-tokens.ts';

const START = '<|startoftext|>';
const END = '<|endoftext|>';

/** CLIP's pattern (openai/CLIP, simple_tokenizer.py): English contractions, letters, single digits, anything else without spaces. */
const CLIP_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** The merges of a merges.txt, best first; the first line may be a version comment. */
export function parseMerges(text: string): string[] {
  const lines = text.split(text.includes('\r') ? /\r?\n/ : '\n');
  if (lines[0]?.startsWith('#version')) lines.shift();
  return lines.filter((line) => line !== '');
}

/**
 * CLIP's vocabulary as its merges imply it: 256 bytes, the same at a word's end, one token a merge, start and end. Ids are places in
 * that list.
 */
export function vocabularyFromMerges(merges: readonly string[]): Vocabulary {
  const vocabulary = new Map<string, number>();
  const letters = byteLetters();
  for (const letter of letters) vocabulary.set(letter, vocabulary.size);
  for (const letter of letters) vocabulary.set(`${letter}</w>`, vocabulary.size);
  for (const merge of merges) vocabulary.set(merge.replace(' ', ''), vocabulary.size);
  vocabulary.set(START, vocabulary.size);
  vocabulary.set(END, vocabulary.size);
  return vocabulary;
}

/** CLIP's byte-pair tokenizer over the given vocabulary; its start and end token take the places the settings leave open. */
export function buildClipEngine(
  vocabulary: Vocabulary,
  merges: readonly string[],
  given: JsonObject,
  extra: JsonObject,
): Result<BuiltEngine> {
  const settings: JsonObject = { bos_token: START, eos_token: END, unk_token: END, pad_token: END, ...given };
  const { tokens, unknown } = collectAddedTokens(settings, extra, (token) => vocabulary.get(token));
  const start = specialTokenText(settings, 'bos_token') ?? START;
  const end = specialTokenText(settings, 'eos_token') ?? END;
  const startId = tokens.find(({ content }) => content === start)?.id;
  const endId = tokens.find(({ content }) => content === end)?.id;
  if (unknown.length > 0 || startId === undefined || endId === undefined) return unknownTokens([...unknown, start, end]);
  const frame: EngineFrame = {
    added_tokens: tokens,
    normalizer: {
      type: 'Sequence',
      normalizers: [{ type: 'NFC' }, { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' }, { type: 'Lowercase' }],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        // Start and end token written in the text stand apart from what touches them, and are then split like anything else.
        { type: 'Split', pattern: { Regex: `<\\|startoftext\\|>|<\\|endoftext\\|>|${CLIP_PATTERN}` }, behavior: 'Removed', invert: true },
        { type: 'Split', pattern: { Regex: CLIP_PATTERN }, behavior: 'Removed', invert: true },
        // Its own splitting would change nothing but U+FEFF, which JavaScript counts as a space and the reference does not.
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: { type: 'RobertaProcessing', cls: [start, startId], sep: [end, endId], trim_offsets: false, add_prefix_space: false },
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', unk_token: specialTokenText(settings, 'unk_token') ?? END, end_of_word_suffix: '</w>' },
  };
  return ok({ settings, engine: buildEngine(frame, vocabulary, merges) });
}

/** A printable letter for each byte, printable ASCII and Latin-1 first (openai/CLIP, bytes_to_unicode). */
function byteLetters(): string[] {
  const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const others = bytes.filter((byte) => !isPrintable(byte));
  return [
    ...bytes.filter(isPrintable).map((byte) => String.fromCharCode(byte)),
    ...others.map((_, index) => String.fromCharCode(256 + index)),
  ];
}
