import type { AttentionLayer } from '../../context.ts';
import type { AttentionLayerMaps } from '../../socket-values.ts';
import { elementCount, tensor } from '../../tensor.ts';
import type { AttentionGuide } from './attention-guide.ts';

/** What is kept of attention. */
export interface WatchRequest {
  readonly layers: readonly AttentionLayer[];
  readonly batch: number;
  readonly tokens: number;
  /** The steps that count, from 0. */
  readonly first: number;
  readonly count: number;
  /** The mean of the steps, or each of them. */
  readonly isMean: boolean;
}

/** Keeps what a denoiser looks at in some steps of a loop. */
export interface AttentionWatch extends AttentionGuide {
  /** What was seen so far. */
  result(): AttentionLayerMaps[];
}

/** How many bytes will be kept. */
export function watchedBytes({ layers, batch, tokens, count, isMean }: WatchRequest): number {
  const cells = layers.reduce((sum, { height, width }) => sum + height * width, 0);
  return 4 * cells * batch * tokens * (isMean ? 1 : count);
}

/** A watch that has seen nothing. */
export function watchAttention(request: WatchRequest): AttentionWatch {
  const { layers, batch, tokens, first, count, isMean } = request;
  const kept = isMean ? 1 : count;
  const shapeOf = ({ height, width }: AttentionLayer): number[] => [batch, kept, tokens, height, width];
  const sums = layers.map((layer) => new Float32Array(elementCount(shapeOf(layer))));
  return {
    use: { maps: layers.map(({ name }) => name) },
    injectionAt: () => undefined,
    take(maps, { index }) {
      const step = index - first;
      if (step < 0 || step >= count) return;
      for (const [at, { name }] of layers.entries()) {
        const seen = maps.get(name);
        const sum = sums[at];
        if (seen === undefined || sum === undefined) throw new Error(`the denoiser does not tell what ${name} looks at`);
        const size = seen.data.length / batch;
        for (let row = 0; row < batch; row++) {
          const to = (row * kept + (isMean ? 0 : step)) * size;
          for (let cell = 0; cell < size; cell++) sum[to + cell] = (sum[to + cell] ?? 0) + (seen.data[row * size + cell] ?? 0);
        }
      }
    },
    blend: (latents) => latents,
    snapshot: () => sums,
    restore(arrays) {
      for (const [at, array] of arrays.entries()) sums[at]?.set(array);
    },
    result: () =>
      layers.map((layer, at) => {
        const sum = sums[at] ?? new Float32Array();
        return { name: layer.name, maps: tensor(isMean ? sum.map((value) => value / count) : sum, shapeOf(layer)) };
      }),
  };
}
