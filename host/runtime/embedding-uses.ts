import { parseClipTextConfig } from '../../models/architectures/clip-text-config.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import type { EmbeddingFile, EmbeddingVectors } from '../../models/embeddings/open-embedding.ts';
import type { AddedWord } from '../../models/tokenizers/added-words.ts';
import type { TensorSource } from '../../models/weights.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { EmbeddingUse, TextEncoderValue } from '../../nodes/socket-values.ts';
import type { FileStore } from './file-store.ts';
import { refuseForeign } from './refuse-foreign.ts';

/** What is longer is a text, not a word. */
const LONGEST_TOKEN = 200;

/** Words beside the vocabulary, for one encoder's graph and tokenizer. */
export interface FittedWords {
  readonly sources: readonly TensorSource[];
  readonly words: readonly AddedWord[];
  /** Part of the session's key. Empty without words. */
  readonly key: string;
}

/** The same text encoder with one more word, if its vectors are as wide as the encoder's words. */
export function addEmbedding(
  embedding: EmbeddingFile,
  wantedToken: string | null,
  to: TextEncoderValue,
  checkpoint: Checkpoint,
): Result<TextEncoderValue> {
  const { path, name, fingerprint } = embedding;
  const token = wantedToken ?? embedding.token;
  if (token === '' || /\s/u.test(token) || token.length > LONGEST_TOKEN) {
    const shown = JSON.stringify(token.length > 60 ? `${token.slice(0, 57)}…` : token);
    return fail(
      'node.invalidInput',
      `${name} would stand for ${shown}, but a word may have no spaces and 1 to ${LONGEST_TOKEN} characters. Write another word in Token.`,
      { socket: 'token' },
    );
  }
  const known = to.embeddings?.find((one) => one.token.toLowerCase() === token.toLowerCase());
  if (known !== undefined) {
    return fail(
      'node.invalidInput',
      `“${token}” already stands for the embedding ${known.name}. Write another word in Token for ${name}.`,
      { socket: 'token' },
    );
  }
  const refusal = checkWidths(embedding, checkpoint);
  if (refusal !== undefined) return refusal;
  return ok({ ...to, embeddings: [...(to.embeddings ?? []), { path, name, fingerprint, token }] });
}

/** Opens the embeddings of a value and numbers their vectors as the words that follow an encoder's vocabulary. */
export async function fitEmbeddingUses(
  uses: readonly EmbeddingUse[] | undefined,
  encoder: number,
  vocabulary: number,
  files: FileStore<EmbeddingFile>,
): Promise<Result<FittedWords>> {
  const sources: TensorSource[] = [];
  const words: AddedWord[] = [];
  let next = vocabulary;
  for (const use of uses ?? []) {
    const file = await files.find(use);
    if (!file.ok) return file;
    const vectors = file.value.vectors[encoder];
    if (vectors === undefined) throw new Error('embeddings are checked when they are added');
    sources.push(vectors.source);
    const ids = Array.from({ length: vectors.count }, (_, index) => next + index);
    // diffusers calls the second vector token_1, the third token_2, and so can be asked for them.
    words.push({ text: use.token, ids }, ...ids.slice(1).map((id, index) => ({ text: `${use.token}_${index + 1}`, ids: [id] })));
    next += vectors.count;
  }
  return ok({ sources, words, key: uses === undefined ? '' : ` words ${uses.map(({ fingerprint }) => fingerprint).join(' ')}` });
}

function checkWidths({ name, vectors }: EmbeddingFile, checkpoint: Checkpoint): Result<never> | undefined {
  const widths: number[] = [];
  for (const encoder of checkpoint.textEncoders) {
    if (encoder.onnx !== undefined) return refuseForeign(checkpoint.name, 'embeddings');
    if (encoder.kind !== 'clip-text') {
      return fail(
        'model.unsupported',
        `${checkpoint.name} has a text encoder that is no CLIP, and embeddings are made for CLIP. Choose a Stable Diffusion checkpoint.`,
      );
    }
    const config = parseClipTextConfig(encoder.config);
    if (!config.ok) return config;
    widths.push(config.value.width);
  }
  const given = vectors.map(({ width }: EmbeddingVectors) => width);
  if (given.join() === widths.join()) return undefined;
  return fail(
    'model.wrongFamily',
    `${name} has vectors ${given.join(' and ')} numbers wide, and the text encoder of ${checkpoint.name} wants ${widths.join(' and ')}. Choose an embedding that was made for ${checkpoint.label}.`,
  );
}
