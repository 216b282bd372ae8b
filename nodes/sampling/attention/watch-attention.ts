import type { AttentionLayer, AttentionMaps } from '../../context.ts';
import type { AttentionLayerMaps } from '../../socket-values.ts';
import { elementCount, tensor } from '../../tensor.ts';
import type { AttentionGuide } from './attention-guide.ts';

/** What is kept of attention. */
export interface WatchRequest {
  readonly layers: readonly AttentionLayer[];
  readonly batch: number;
  readonly tokens: number;
  /** The part of the steps that counts, as shares: 0…1 is all of them. */
  readonly start: number;
  readonly end: number;
  /** The mean of the steps, or each of them. */
  readonly isMean: boolean;
}

/** Keeps what a denoiser looks at in some steps of a loop. */
export interface AttentionWatch extends AttentionGuide {
  /** What was seen in which steps, counted from 0; for when the loop has ended. */
  result(): { readonly steps: readonly number[]; readonly layers: readonly AttentionLayerMaps[] };
}

/** How many bytes are kept of a loop of so many steps. */
export function watchedBytes({ layers, batch, tokens, isMean, ...part }: WatchRequest, total: number): number {
  const cells = layers.reduce((sum, { height, width }) => sum + height * width, 0);
  return 4 * cells * batch * tokens * (isMean ? 1 : stepsOf(part, total).length);
}

/** A watch that has seen nothing. */
export function watchAttention(request: WatchRequest): AttentionWatch {
  const { layers, batch, tokens, isMean } = request;
  let steps: readonly number[] = [];
  let sums: readonly Float32Array[] = [];
  const keptSteps = (): number => (isMean ? 1 : steps.length);
  const shapeOf = ({ height, width }: AttentionLayer): number[] => [batch, keptSteps(), tokens, height, width];
  const addStep = (maps: AttentionMaps, step: number): void => {
    for (const [at, { name }] of layers.entries()) {
      const seen = maps.get(name);
      const sum = sums[at];
      if (seen === undefined || sum === undefined) throw new Error(`the denoiser does not tell what ${name} looks at`);
      const size = seen.data.length / batch;
      for (let row = 0; row < batch; row++) {
        const to = (row * keptSteps() + (isMean ? 0 : step)) * size;
        for (let cell = 0; cell < size; cell++) sum[to + cell] = (sum[to + cell] ?? 0) + (seen.data[row * size + cell] ?? 0);
      }
    }
  };
  return {
    use: { maps: layers.map(({ name }) => name) },
    injectionAt: () => undefined,
    take(maps, { index, total }) {
      // Only now it is known how many calls the scheduler's steps take.
      steps = stepsOf(request, total);
      if (sums.length === 0) sums = layers.map((layer) => new Float32Array(elementCount(shapeOf(layer))));
      const step = steps.indexOf(index);
      if (step >= 0) addStep(maps, step);
    },
    blend: (latents) => latents,
    snapshot: () => sums,
    restore(arrays) {
      sums = arrays.map((array) => array.slice());
    },
    result: () => ({
      steps,
      layers: layers.map((layer, at) => {
        const sum = sums[at] ?? new Float32Array();
        return { name: layer.name, maps: tensor(isMean ? sum.map((value) => value / steps.length) : sum, shapeOf(layer)) };
      }),
    }),
  };
}

/** The steps in a part of a loop; at least one. */
function stepsOf({ start, end }: Pick<WatchRequest, 'start' | 'end'>, total: number): number[] {
  const first = Math.min(total - 1, Math.floor(start * total));
  const count = Math.max(1, Math.ceil(end * total) - first);
  return Array.from({ length: count }, (_, at) => first + at);
}
