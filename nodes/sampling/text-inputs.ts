import type { DenoiserInput } from '../context.ts';
import type { ModelValue, PictureSizes, TextStates } from '../socket-values.ts';
import { concatBatch, repeatBatch, sizeAt, sliceBatch, type Tensor, zeros } from '../tensor.ts';
import type { RowKinds } from './apply-controls.ts';
import { guidanceEmbedding } from './apply-guidance.ts';
import { timeIdsOf } from './time-ids.ts';

/** One text as it reads in a step. */
export interface Said {
  readonly text: TextStates;
  readonly sizes: PictureSizes | undefined;
}

/** Rows of a batch by what they are about. */
export interface TextRows {
  readonly kinds: RowKinds;
  /** One for rows of one kind, or the text without and the one with. */
  readonly texts: readonly Said[];
  /** The first text that guides, whose sizes negative ones take over. */
  readonly first: Said;
}

/** What a denoiser is told by texts. */
export type TextInputs = Required<Pick<DenoiserInput, 'states' | 'pooled' | 'timeIds' | 'guidanceEmbedding'>>;

/** What a denoiser is given for rows, put together once for texts that come again in later steps. */
export function createTextInputs(
  request: { readonly model: ModelValue; readonly guidance: number },
  latents: Tensor,
): (rows: TextRows) => TextInputs {
  const known: { readonly rows: TextRows; readonly inputs: TextInputs }[] = [];
  return (rows) => {
    for (const before of known) if (isSame(before.rows, rows)) return before.inputs;
    const inputs = joinTextInputs(request, latents, rows);
    known.push({ rows, inputs });
    return inputs;
  };
}

function isSame(before: TextRows, now: TextRows): boolean {
  if (before.kinds !== now.kinds || before.texts.length !== now.texts.length || !saysSame(before.first, now.first)) return false;
  return now.texts.every((one, at) => saysSame(before.texts[at], one));
}

function saysSame(before: Said | undefined, now: Said): boolean {
  return before === now || (before !== undefined && before.text === now.text && before.sizes === now.sizes);
}

function joinTextInputs(
  { model, guidance }: { readonly model: ModelValue; readonly guidance: number },
  latents: Tensor,
  rows: TextRows,
): TextInputs {
  const { texts, first } = rows;
  const batch = sizeAt(latents, 0);
  const { pooled } = first.text;
  const width = model.guidanceEmbeddingWidth;
  return {
    states: joinStates(
      texts.map(({ text }) => text.states),
      batch,
    ),
    pooled: pooled === undefined || model.timeIds === 0 ? undefined : joinPooled(texts, pooled.shape, batch),
    timeIds: model.timeIds === 0 ? undefined : timeIdRows(model, latents, rows),
    guidanceEmbedding: width > 0 ? guidanceEmbedding(guidance, width) : undefined,
  };
}

/** What was joined last. */
let last: { readonly parts: readonly Tensor[]; readonly batch: number; readonly joined: Tensor } | undefined;

/**
 * Each so many times, one after the other. Runs that differ in their seed alone join the same, and are given the very same tensor: what a
 * network makes of the text alone is then there already.
 */
function joinStates(parts: readonly Tensor[], batch: number): Tensor {
  const isSame = last?.batch === batch && last.parts.length === parts.length && last.parts.every((part, at) => part === parts[at]);
  if (last === undefined || !isSame) last = { parts, batch, joined: concatBatch(parts.map((part) => repeatBatch(part, batch))) };
  return last.joined;
}

function joinPooled(texts: readonly Said[], shape: readonly number[], batch: number): Tensor {
  return concatBatch(texts.map(({ text }) => repeatBatch(text.pooled ?? zeros(shape), batch)));
}

function timeIdRows(model: ModelValue, latents: Tensor, { kinds, texts, first }: TextRows): Tensor {
  const [one = first, second = first] = texts;
  if (kinds === 'withText') return timeIdsOf(model, latents, one, undefined);
  const both = timeIdsOf(model, latents, second, one);
  return kinds === 'both' ? both : sliceBatch(both, 0, sizeAt(both, 0) / 2);
}
