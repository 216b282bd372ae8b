import type { WeightedText } from '../../nodes/conditioning/prompt/read-weights.ts';
import type { EncodeOptions, Encoding, Tokenizer } from './tokenizer.ts';

/** Twenty times what CLIP reads; each chunk costs a run of the encoder, and attention in every step. */
export const MOST_CHUNKS = 20;

/** As many tokens of a text as an encoder reads at once, framed and padded. */
export interface TokenChunk extends Pick<Encoding, 'ids' | 'mask'> {
  /** One for each id; start, end and padding have 1. */
  readonly weights: readonly number[];
}

/** A text of any length in pieces that an encoder takes. */
export interface ChunkedText {
  readonly chunks: readonly [TokenChunk, ...TokenChunk[]];
  /** There would have been more chunks than were allowed. */
  readonly isCut: boolean;
}

/**
 * Fills chunks of `maxLength` ids with the texts of each stretch; a stretch after the first (behind a BREAK) begins a new one. A weighted
 * text is tokenized by itself, as in ComfyUI and A1111.
 */
export function chunkTokens(
  tokenizer: Tokenizer,
  stretches: readonly (readonly WeightedText[])[],
  { words, ...frame }: EncodeOptions & { readonly maxLength: number },
  mostChunks: number,
): ChunkedText {
  const room = frame.maxLength - tokenizer.frame([], { padding: 'none' }).ids.length;
  const chunks: TokenChunk[] = [];
  let ids: number[] = [];
  let weights: number[] = [];
  let isCut = false;
  const finish = (): void => {
    const framed = tokenizer.frame(ids, frame);
    const around = framed.ids.map(() => 1);
    around.splice(framed.start, weights.length, ...weights);
    if (chunks.length < mostChunks) chunks.push({ ids: framed.ids, mask: framed.mask, weights: around });
    else isCut = true;
    [ids, weights] = [[], []];
  };
  for (const [index, stretch] of stretches.entries()) {
    if (isCut) break;
    if (index > 0) finish();
    for (const { text, weight } of stretch) {
      if (chunks.length >= mostChunks) isCut = true;
      if (isCut) break;
      for (const id of tokenizer.encodeContent(text, room * (mostChunks - chunks.length) + 1, words)) {
        if (ids.length === room) finish();
        ids.push(id);
        weights.push(weight);
      }
    }
  }
  if (ids.length > 0 || chunks.length === 0) finish();
  const [first, ...more] = chunks;
  if (first === undefined) throw new Error('at least one chunk must be allowed');
  return { chunks: [first, ...more], isCut };
}
