import type { FoundTextEncoder } from '../../graphs/find-text-encoder.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import type { Tokenizer } from '../../models/tokenizers/tokenizer.ts';
import { planPrompt } from '../../nodes/conditioning/prompt/plan-prompt.ts';
import { readWeights } from '../../nodes/conditioning/prompt/read-weights.ts';
import { ok, type Result } from '../../nodes/problem.ts';
import type { FilePolicy } from '../file-access.ts';
import { locateModel } from '../model-locator.ts';

/** How much of what a text encoder reads a text takes. Plain data. */
export interface TokenCount {
  /** Start and end included where there is one chunk; else those of the text alone. */
  readonly tokens: number;
  /** The text has more than `tokens`; how many was not counted. */
  readonly hasMore: boolean;
  /** What the encoder reads at once, start and end included. */
  readonly limit: number;
  /** The text is read in so many pieces. */
  readonly chunks: number;
  /** What one piece holds of the text. */
  readonly chunkTokens: number;
  /** The end of the text is left out. */
  readonly isCut: boolean;
}

/** Counts tokens with the tokenizers of checkpoints; keeps those that it has read. */
export type TokenCounter = (found: FoundTextEncoder, policy: FilePolicy) => Promise<Result<TokenCount | null>>;

/** A counter that has read no tokenizer yet. The code for that is loaded when it is needed. */
export function createTokenCounter(): TokenCounter {
  const tokenizers = new Map<string, Promise<Result<Tokenizer>>>();
  let findCheckpoint: ((path: string, configPath: string | null) => Promise<Result<Checkpoint>>) | undefined;
  const open = async (path: string, configPath: string | null): Promise<Result<Checkpoint>> => {
    const { createCheckpointStore } = await import('../runtime/checkpoint-store.ts');
    findCheckpoint ??= createCheckpointStore(async (old) => {
      for (const key of [...tokenizers.keys()]) if (key.startsWith(old)) tokenizers.delete(key);
    }).open;
    return findCheckpoint(path, configPath);
  };
  const tokenizerOf = async (checkpoint: Checkpoint, index: number): Promise<Result<Tokenizer> | undefined> => {
    const files = checkpoint.textEncoders[index]?.tokenizer;
    if (files === undefined) return undefined;
    const { loadTokenizer } = await import('../../models/tokenizers/load-tokenizer.ts');
    const key = `${checkpoint.fingerprint} ${index}`;
    const known = tokenizers.get(key) ?? loadTokenizer(files);
    tokenizers.set(key, known);
    return known;
  };
  return async (found, policy) => {
    const path = await locateModel(found.model, policy);
    if (!path.ok) return path;
    const config = found.configPath === null ? ok(null) : await locateModel(found.configPath, policy);
    if (!config.ok) return config;
    const checkpoint = await open(path.value, config.value);
    if (!checkpoint.ok) return checkpoint;
    const tokenizer = await tokenizerOf(checkpoint.value, found.encoder);
    if (tokenizer === undefined) return ok(null);
    if (!tokenizer.ok) return tokenizer;
    const limit = checkpoint.value.tokens;
    return ok(
      found.syntax === 'plain' ? countPlain(tokenizer.value, found.text, limit) : await countWeighted(tokenizer.value, found.text, limit),
    );
  };
}

function countPlain(tokenizer: Tokenizer, text: string, limit: number): TokenCount {
  const { tokens, hasMore, truncated } = tokenizer.encode(text, { maxLength: limit, padding: 'none' });
  return { tokens, hasMore, limit, chunks: 1, chunkTokens: limit - frameOf(tokenizer), isCut: truncated !== undefined };
}

/** Of all that the text says in the course of the steps, the longest. */
async function countWeighted(tokenizer: Tokenizer, text: string, limit: number): Promise<TokenCount | null> {
  const plan = planPrompt('', text, null);
  if (!plan.ok) return null;
  const { chunkTokens, MOST_CHUNKS } = await import('../../models/tokenizers/chunk-tokens.ts');
  const frame = frameOf(tokenizer);
  let longest: TokenCount | null = null;
  for (const { prompt } of plan.value.flatMap(({ texts }) => texts)) {
    const { chunks, isCut } = chunkTokens(tokenizer, readWeights(prompt), { maxLength: limit, padding: 'none' }, MOST_CHUNKS);
    const content = chunks.reduce((sum, { ids }) => sum + ids.length - frame, 0);
    const tokens = chunks.length === 1 ? content + frame : content;
    const isLonger = longest === null || chunks.length > longest.chunks || (chunks.length === longest.chunks && tokens > longest.tokens);
    if (isLonger) longest = { tokens, hasMore: isCut, limit, chunks: chunks.length, chunkTokens: limit - frame, isCut };
  }
  return longest;
}

function frameOf(tokenizer: Tokenizer): number {
  return tokenizer.frame([], { padding: 'none' }).ids.length;
}
