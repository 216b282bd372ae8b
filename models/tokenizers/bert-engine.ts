import { ok, type Result } from '../../nodes/problem.ts';
import { isJsonObject, type JsonObject } from '../read-json.ts';
import { type BuiltEngine, buildEngine, type EngineFrame, unknownTokens, type Vocabulary } from './engine.ts';
import { collectAddedTokens, specialTokenText } from './special-tokens.ts';

/** Chinese characters beyond 16 bits, which the engine's own BERT normalizer does not set apart; `$&` is the character found. */
const SET_RARE_CHINESE_APART = {
  type: 'Replace',
  pattern: { Regex: '[\\x{20000}-\\x{2A6DF}\\x{2A700}-\\x{2B73F}\\x{2B740}-\\x{2B81F}\\x{2B820}-\\x{2CEAF}\\x{2F800}-\\x{2FA1F}]' },
  content: ' $& ',
};

/** A tokenizer.json's `normalizer`, with what the engine lacks added to BERT's; any other comes back as it is. */
export function correctBertNormalizer(normalizer: unknown): JsonObject | null {
  if (!isJsonObject(normalizer)) return null;
  const isBert = normalizer['type'] === 'BertNormalizer' && normalizer['handle_chinese_chars'] === true;
  return isBert ? { type: 'Sequence', normalizers: [SET_RARE_CHINESE_APART, normalizer] } : normalizer;
}

/** The vocabulary of a vocab.txt: one token a line, the line's number its id. */
export function parseVocabularyLines(text: string): Vocabulary {
  const vocabulary = new Map<string, number>();
  for (const [id, line] of text.split('\n').entries()) {
    const token = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (token !== '') vocabulary.set(token, id);
  }
  return vocabulary;
}

/** BERT's WordPiece tokenizer over the given vocabulary. */
export function buildBertEngine(vocabulary: Vocabulary, given: JsonObject, extra: JsonObject): Result<BuiltEngine> {
  const settings: JsonObject = {
    unk_token: '[UNK]',
    sep_token: '[SEP]',
    pad_token: '[PAD]',
    cls_token: '[CLS]',
    mask_token: '[MASK]',
    ...given,
  };
  const { tokens, unknown } = collectAddedTokens(settings, extra, (token) => vocabulary.get(token));
  if (unknown.length > 0) return unknownTokens(unknown);
  const normalizer = {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: settings['tokenize_chinese_chars'] !== false,
    strip_accents: settings['strip_accents'] ?? null,
    lowercase: settings['do_lower_case'] !== false,
  };
  const frame: EngineFrame = {
    added_tokens: tokens,
    normalizer: correctBertNormalizer(normalizer) ?? normalizer,
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: specialTokenText(settings, 'cls_token'), type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: specialTokenText(settings, 'sep_token'), type_id: 0 } },
      ],
      pair: [],
      special_tokens: {},
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: specialTokenText(settings, 'unk_token') ?? '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
    },
  };
  return ok({ settings, engine: buildEngine(frame, vocabulary) });
}
