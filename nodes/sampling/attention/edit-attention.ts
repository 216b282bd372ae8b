import type { AttentionInjection, AttentionLayer } from '../../context.ts';
import { type Tensor, tensor } from '../../tensor.ts';
import type { PromptAlignment } from './align-prompts.ts';
import type { AttentionGuide } from './attention-guide.ts';
import { addLooks, type BlendRequest, blendLocally } from './local-blend.ts';

/** How edited pictures follow their sources (Hertz et al. 2022). */
export interface EditRequest {
  readonly alignment: PromptAlignment;
  /** Share of the steps in which the edited text looks where the source looks. */
  readonly crossShare: number;
  /** Other shares for some tokens of the edited text. */
  readonly tokenShares: readonly { readonly rows: readonly number[]; readonly share: number }[];
  /** Factors for attention to tokens of the edited text. */
  readonly weights: readonly { readonly rows: readonly number[]; readonly weight: number }[];
  /** Share of the steps in which the edited picture looks at itself as the source does. */
  readonly selfShare: number;
  /** The largest feature maps, in cells, of which that is so. */
  readonly mostCells: number;
  /** Undefined: the edit may change every place. */
  readonly blend: (BlendRequest & { readonly layers: readonly AttentionLayer[] }) | undefined;
}

/** Before this share of the steps, a picture is too vague to tell places apart. */
const BLEND_FROM = 0.2;

/** A guide for latents [sources, edited ones] NCHW of this shape. */
export function editAttention(request: EditRequest, latentShape: readonly number[]): AttentionGuide {
  const { blend, mostCells } = request;
  const [rows = 0] = latentShape;
  const place = blend?.layers[0];
  const sums = new Float32Array(place === undefined ? 0 : rows * place.height * place.width);
  return {
    use: { maps: blend?.layers.map(({ name }) => name) ?? [], injection: { mostCells } },
    injectionAt: ({ index, total }) => injectionAt(request, rows, index, total),
    take(maps) {
      if (blend !== undefined) addLooks(sums, maps, blend.layers, blend);
    },
    blend(latents, { index, total }) {
      if (blend === undefined || place === undefined || index + 1 <= Math.trunc(BLEND_FROM * total)) return latents;
      return blendLocally(tensor(latents, latentShape), sums, place, blend.threshold);
    },
    snapshot: () => [sums],
    restore: ([kept]) => {
      if (kept !== undefined) sums.set(kept);
    },
  };
}

/**
 * In the notation of the paper's code: own becomes (source · mapper · α + own · (1 − α)) · weight in the steps that inject, and stays
 * in the others; both in one: source · map + own · keep.
 */
function injectionAt(request: EditRequest, rows: number, step: number, steps: number): AttentionInjection | undefined {
  const { mapper, alphas } = request.alignment;
  const tokens = alphas.data.length;
  const lasts = (share: number): boolean => step < Math.trunc(share * (steps + 1));
  const injects = new Float32Array(tokens).fill(lasts(request.crossShare) ? 1 : 0);
  for (const { rows: own, share } of request.tokenShares) for (const row of own) injects[row] = lasts(share) ? 1 : 0;
  const weights = new Float32Array(tokens).fill(1);
  for (const { rows: own, weight } of request.weights) for (const row of own) weights[row] = weight;
  const takesSelf = step < Math.trunc(request.selfShare * steps);
  if (!takesSelf && injects.every((value) => value === 0)) return undefined;
  const map = new Float32Array(rows * tokens * tokens);
  const keep = new Float32Array(rows * tokens).fill(1);
  const half = rows / 2;
  for (let row = half; row < rows; row++) {
    for (let token = 0; token < tokens; token++) {
      const [share, weight, alpha] = [injects[token] ?? 0, weights[token] ?? 1, alphas.data[token] ?? 0];
      keep[row * tokens + token] = share * weight * (1 - alpha) + 1 - share;
      for (let from = 0; from < tokens; from++) {
        map[(row * tokens + from) * tokens + token] = share * weight * alpha * (mapper.data[from * tokens + token] ?? 0);
      }
    }
  }
  const sourceOf = (row: number): number => (row < half ? row : row - half);
  const order = Array.from({ length: rows }, (_, row) => row);
  return {
    source: order.map(sourceOf),
    map: tensor(map, [rows, tokens, tokens]),
    keep: tensor(keep, [rows, tokens]),
    selfSource: takesSelf ? order.map(sourceOf) : order,
  };
}

/** Two tensors of texts as rows for a batch: the first for each picture of a half, then the second. */
export function pairRows(source: Tensor, edited: Tensor, pictures: number): Tensor {
  const spread = (one: Tensor): Float32Array[] => {
    const given = one.shape[0] ?? 1;
    const size = one.data.length / given;
    return Array.from({ length: pictures }, (_, row) => one.data.subarray((row % given) * size, ((row % given) + 1) * size));
  };
  const parts = [...spread(source), ...spread(edited)];
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part, offset);
    offset += part.length;
  }
  return tensor(data, [2 * pictures, ...source.shape.slice(1)]);
}
