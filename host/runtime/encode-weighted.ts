import { type ChunkedText, chunkTokens, MOST_CHUNKS, type TokenChunk } from '../../models/tokenizers/chunk-tokens.ts';
import { readWeights } from '../../nodes/conditioning/prompt/read-weights.ts';
import { ok, type Result } from '../../nodes/problem.ts';
import type { TextStates } from '../../nodes/socket-values.ts';
import { sizeAt, type Tensor, tensor } from '../../nodes/tensor.ts';
import type { OpenTextEncoder } from './encode-text.ts';
import { textTokensOf } from './text-tokens.ts';

/**
 * Texts with weights and BREAK, one for each encoder: each chunk is encoded by itself, and the states follow each other along the tokens.
 * A weight w moves a token's state away from the empty text's in the same place: (state − empty) · w + empty, as ComfyUI does. The pooled
 * text is the first chunk's, without weights. A text of fewer chunks than the other encoder's is filled up with the empty text.
 */
export async function encodeWeighted(
  opened: readonly { readonly encoder: OpenTextEncoder; readonly prompt: string }[],
  name: string,
  note: (message: string) => void,
): Promise<Result<TextStates[]>> {
  const stretches = opened.map(({ prompt }) => readWeights(prompt));
  const texts = opened.map(({ encoder }, index) => chunkTokens(encoder.tokenizer, stretches[index] ?? [], encoder.options, MOST_CHUNKS));
  if (texts[0]?.isCut === true) {
    const tokens = MOST_CHUNKS * (opened[0]?.encoder.options.maxLength ?? 0);
    note(`The prompt is longer than the ${tokens} tokens, in ${MOST_CHUNKS} chunks, that ${name} is given at most; the rest is left out.`);
  }
  const count = Math.max(...texts.map(({ chunks }) => chunks.length));
  const parts: TextStates[] = [];
  for (const [index, { encoder }] of opened.entries()) {
    const text = texts[index];
    if (text === undefined) throw new Error('each encoder has a text');
    const encoded = await encodeChunks(encoder, text, count);
    if (!encoded.ok) return encoded;
    const pieces = (stretches[index] ?? []).flat().map((piece) => piece.text);
    parts.push({ ...encoded.value, ...(index === 0 ? { tokens: textTokensOf(encoder, pieces, text.chunks) } : {}) });
  }
  return ok(parts);
}

async function encodeChunks(encoder: OpenTextEncoder, { chunks }: ChunkedText, count: number): Promise<Result<TextStates>> {
  const isWeighted = chunks.some(({ weights }) => weights.some((weight) => weight !== 1));
  const empty = isWeighted || chunks.length < count ? await encoder.run(encoder.tokenizer.frame([], encoder.options)) : undefined;
  if (empty?.ok === false) return empty;
  const states: Tensor[] = [];
  let pooled: Tensor | undefined;
  for (const chunk of chunks) {
    const encoded = await encoder.run(chunk);
    if (!encoded.ok) return encoded;
    pooled ??= encoded.value.pooled;
    states.push(empty === undefined ? encoded.value.states : weigh(encoded.value.states, empty.value.states, chunk));
  }
  while (empty !== undefined && states.length < count) states.push(empty.value.states);
  return ok({ states: joinTokens(states), ...(pooled === undefined ? {} : { pooled }) });
}

function weigh(states: Tensor, empty: Tensor, { weights }: TokenChunk): Tensor {
  const width = sizeAt(states, 2);
  const data = states.data.slice();
  for (const [token, weight] of weights.entries()) {
    if (weight === 1) continue;
    for (let at = token * width; at < (token + 1) * width; at++) {
      const base = empty.data[at] ?? 0;
      data[at] = Math.fround(Math.fround((states.data[at] ?? 0) - base) * weight) + base;
    }
  }
  return tensor(data, states.shape);
}

/** float32 [1, tokens, width], one after the other along the tokens. */
function joinTokens(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  if (first === undefined) throw new Error('a text has at least one chunk');
  if (parts.length === 1) return first;
  const data = new Float32Array(parts.reduce((sum, { data: { length } }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  return tensor(data, [1, data.length / sizeAt(first, 2), sizeAt(first, 2)]);
}
