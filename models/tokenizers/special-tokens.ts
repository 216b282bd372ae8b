import { isJsonObject, type JsonObject } from '../read-json.ts';

/** A token that is looked for in the text before it is split, as tokenizer.json's `added_tokens` describe it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Looked for in the normalized (lower-cased) text rather than in the text as typed. */
  readonly normalized: boolean;
  readonly special: boolean;
}

/** The special tokens of a tokenizer, in the order in which transformers registers them: later ones decide how a repeated one is matched. */
export const SPECIAL_TOKEN_KEYS = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'] as const;

/** Which role a special token plays. */
export type SpecialTokenKey = (typeof SPECIAL_TOKEN_KEYS)[number];

/** The text of one special token; settings write it as a string or as an object with `content`. */
export function specialTokenText(settings: JsonObject, key: SpecialTokenKey): string | undefined {
  const value = settings[key];
  if (typeof value === 'string') return value;
  return isJsonObject(value) && typeof value['content'] === 'string' ? value['content'] : undefined;
}

/**
 * Every token that must not be split, from settings (`tokenizer_config.json` overlaid with `special_tokens_map.json`) and from
 * `added_tokens.json`. A special token that the vocabulary lacks and nobody gives an id is left out; its name is in `unknown`.
 */
export function collectAddedTokens(
  settings: JsonObject,
  extra: JsonObject,
  idOf: (token: string) => number | undefined,
): { tokens: AddedToken[]; unknown: string[] } {
  const found = new Map<string, AddedToken>();
  const unknown: string[] = [];
  const add = (content: string, id: number | undefined, how: JsonObject, isSpecial: boolean) => {
    if (id === undefined) {
      unknown.push(content);
      return;
    }
    found.set(content, {
      id,
      content,
      single_word: how['single_word'] === true,
      lstrip: how['lstrip'] === true,
      rstrip: how['rstrip'] === true,
      normalized: typeof how['normalized'] === 'boolean' ? how['normalized'] : !isSpecial,
      special: isSpecial,
    });
  };
  for (const [content, id] of Object.entries(extra)) if (isTokenId(id)) add(content, id, {}, false);
  const idOfAny = (content: string) => idOf(content) ?? found.get(content)?.id;
  for (const key of SPECIAL_TOKEN_KEYS) {
    const content = specialTokenText(settings, key);
    if (content === undefined) continue;
    const value = settings[key];
    add(content, idOfAny(content), isJsonObject(value) ? value : {}, true);
  }
  const decoder = settings['added_tokens_decoder'];
  for (const [id, value] of Object.entries(isJsonObject(decoder) ? decoder : {})) {
    if (isJsonObject(value) && typeof value['content'] === 'string' && isTokenId(Number(id))) {
      add(value['content'], Number(id), value, value['special'] === true);
    }
  }
  return { tokens: [...found.values()], unknown };
}

/** True for a number that can be a row of an embedding table. */
export function isTokenId(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 24;
}
