import { Tokenizer } from '@huggingface/tokenizers';
import { fail, type Result } from '../../nodes/problem.ts';
import type { JsonObject } from '../read-json.ts';
import type { AddedToken } from './special-tokens.ts';

/** Token to id. */
export type Vocabulary = ReadonlyMap<string, number>;

/** What is used of the tokenizer package, whose own declarations TypeScript's NodeNext resolution does not find. */
export interface Engine {
  readonly model: EngineModel;
  encode(text: string, options?: { add_special_tokens?: boolean }): { ids: number[] };
  token_to_id(token: string): number | undefined;
}

interface EngineModel {
  tokens_to_ids: Map<string, number>;
  vocab: string[];
  unk_token_id: number | undefined;
  /** Byte-pair models only: the rank of a merge by the JSON of its pair. */
  bpe_ranks: { get(pairJson: string): number | undefined };
}

/** A tokenizer engine and the settings it was built with. */
export interface BuiltEngine {
  readonly engine: Engine;
  readonly settings: JsonObject;
}

/** A tokenizer.json whose model has no vocabulary yet. */
export interface EngineFrame {
  readonly added_tokens: readonly AddedToken[];
  readonly normalizer: JsonObject;
  readonly pre_tokenizer: JsonObject;
  readonly post_processor: JsonObject;
  readonly decoder: JsonObject;
  readonly model: { readonly type: 'BPE' | 'WordPiece'; readonly unk_token: string } & JsonObject;
}

/** Makes an engine from the structure of a tokenizer.json; throws what the package throws where it does not understand it. */
export function makeEngine(tokenizerJson: JsonObject): Engine {
  return new Tokenizer(tokenizerJson, {});
}

/**
 * Makes an engine whose model is given its vocabulary and merges directly. The package would copy both several times while it loads,
 * and make a JSON text of each of CLIP's 48,894 merges; this takes half of the time and memory.
 */
export function buildEngine(frame: EngineFrame, vocabulary: Vocabulary, merges: readonly string[] = []): Engine {
  const engine = makeEngine({ ...frame, model: { ...frame.model, vocab: {}, merges: [] } });
  const { model } = engine;
  model.tokens_to_ids = new Map(vocabulary);
  for (const { content, id } of frame.added_tokens) model.tokens_to_ids.set(content, id);
  model.vocab = [];
  for (const [token, id] of model.tokens_to_ids) model.vocab[id] = token;
  model.unk_token_id = model.tokens_to_ids.get(frame.model.unk_token);
  if (frame.model.type === 'BPE') model.bpe_ranks = rankMerges(merges);
  return engine;
}

/** Says that settings and vocabulary do not belong together. */
export function unknownTokens(tokens: readonly string[]): Result<never> {
  return fail(
    'model.tokenizer',
    `the vocabulary has no ${[...new Set(tokens)].join(', ')}, which the tokenizer needs. Take vocabulary and settings from the same model.`,
  );
}

/** Ranks under the merges' own lines (`a b`); the engine asks with `["a","b"]`. */
function rankMerges(merges: readonly string[]): EngineModel['bpe_ranks'] {
  const ranks = new Map<string, number>();
  for (const [rank, merge] of merges.entries()) ranks.set(merge, rank);
  return {
    get(pairJson) {
      const pair: unknown = JSON.parse(pairJson);
      return Array.isArray(pair) ? ranks.get(pair.join(' ')) : undefined;
    },
  };
}
