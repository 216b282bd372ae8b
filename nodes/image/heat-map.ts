import type { AttentionLayerMaps } from '../socket-values.ts';
import { sizeAt } from '../tensor.ts';
import { createResampler, type PixelSize } from './resample.ts';

/** What is put together into one map. */
export interface HeatRequest {
  readonly layers: readonly AttentionLayerMaps[];
  /** Tokens whose maps are averaged. */
  readonly rows: readonly number[];
  /** Places among the kept steps whose maps are averaged. */
  readonly steps: readonly number[];
  readonly picture: number;
}

/**
 * How much a picture looks at some tokens, at each pixel: the mean over tokens and steps of each layer's map, enlarged by bicubic, and then the
 * mean over the layers (Tang et al. 2022, section 3); not below 0. float32 [height, width].
 */
export function sumHeat({ layers, rows, steps, picture }: HeatRequest, to: PixelSize): Float32Array {
  const bySize = new Map<string, { readonly from: PixelSize; readonly sum: Float32Array }>();
  for (const { maps } of layers) {
    const [kept, tokens, height, width] = [sizeAt(maps, 1), sizeAt(maps, 2), sizeAt(maps, 3), sizeAt(maps, 4)];
    const plane = height * width;
    const key = `${height}x${width}`;
    const found = bySize.get(key) ?? { from: { height, width }, sum: new Float32Array(plane) };
    bySize.set(key, found);
    for (const step of steps) {
      for (const row of rows) {
        const start = ((picture * kept + step) * tokens + row) * plane;
        for (let cell = 0; cell < plane; cell++) found.sum[cell] = (found.sum[cell] ?? 0) + (maps.data[start + cell] ?? 0);
      }
    }
  }
  const share = 1 / (layers.length * rows.length * steps.length);
  const heat = new Float32Array(to.width * to.height);
  for (const { from, sum } of bySize.values()) {
    for (const [at, value] of createResampler(from, to, 'bicubic')(sum).entries()) heat[at] = (heat[at] ?? 0) + value * share;
  }
  return heat.map((value) => Math.max(0, value));
}

/** The least and the greatest value. */
export function rangeOfHeat(heats: readonly Float32Array[]): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const heat of heats) {
    for (const value of heat) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}
