import type { AttentionLayer, AttentionMaps } from '../../context.ts';
import { sizeAt, type Tensor } from '../../tensor.ts';

/** Where an edit is let through. */
export interface BlendRequest {
  /** Tokens of the source, and of the edited text, whose places may change. */
  readonly sourceRows: readonly number[];
  readonly editedRows: readonly number[];
  /** The share of the strongest attention from which a place counts. */
  readonly threshold: number;
}

/**
 * The layers whose maps are a quarter of the latent along a side, or the next smaller ones, or the smallest: the middle sizes tell things apart
 * best. The middle block, whose maps are coarsest, only where there are no others.
 */
export function blendLayers(layers: readonly AttentionLayer[], latentHeight: number): readonly AttentionLayer[] {
  const outer = layers.filter(({ name }) => !name.startsWith('mid_block'));
  const all = outer.length > 0 ? outer : layers;
  const heights = all.map(({ height }) => height);
  const small = heights.filter((height) => height <= latentHeight / 4);
  const chosen = small.length > 0 ? Math.max(...small) : Math.min(...heights);
  return all.filter(({ height }) => height === chosen);
}

/** Adds what some tokens of each row are looked at, over all layers, to `sums`: [rows, cells]. Source rows come first. */
export function addLooks(
  sums: Float32Array,
  maps: AttentionMaps,
  layers: readonly AttentionLayer[],
  { sourceRows, editedRows }: BlendRequest,
): void {
  for (const { name } of layers) {
    const seen = maps.get(name);
    if (seen === undefined) throw new Error(`the denoiser does not tell what ${name} looks at`);
    const [rows, tokens, cells] = [sizeAt(seen, 0), sizeAt(seen, 1), sizeAt(seen, 2) * sizeAt(seen, 3)];
    for (let row = 0; row < rows; row++) {
      for (const token of row < rows / 2 ? sourceRows : editedRows) {
        const from = (row * tokens + token) * cells;
        for (let cell = 0; cell < cells; cell++) sums[row * cells + cell] = (sums[row * cells + cell] ?? 0) + (seen.data[from + cell] ?? 0);
      }
    }
  }
}

/**
 * Keeps the source wherever neither text looks at the words (Hertz et al. 2022, local editing): attention so far, the largest of the 3×3 cells around
 * each, spread over the latent by nearest, as a share of its maximum. Latents float32 NCHW, source rows first; the edited ones become
 * source + mask · (edited − source).
 */
export function blendLocally(latents: Tensor, sums: Float32Array, { height, width }: AttentionLayer, threshold: number): Float32Array {
  const [rows, channels, latentHeight, latentWidth] = [0, 1, 2, 3].map((axis) => sizeAt(latents, axis)) as [number, number, number, number]; // four axes
  const half = rows / 2;
  const plane = latentHeight * latentWidth;
  const data = latents.data.slice();
  for (let picture = 0; picture < half; picture++) {
    const masks = [picture, picture + half].map((row) => {
      const heat = widen(sums.subarray(row * height * width, (row + 1) * height * width), height, width);
      const most = heat.reduce((highest, value) => Math.max(highest, value), 0);
      return heat.map((value) => (value / most > threshold ? 1 : 0));
    });
    for (let cell = 0; cell < plane; cell++) {
      const y = Math.floor((Math.floor(cell / latentWidth) * height) / latentHeight);
      const x = Math.floor(((cell % latentWidth) * width) / latentWidth);
      if (masks.some((mask) => mask[y * width + x] === 1)) continue;
      for (let channel = 0; channel < channels; channel++) {
        data[((picture + half) * channels + channel) * plane + cell] = latents.data[(picture * channels + channel) * plane + cell] ?? 0;
      }
    }
  }
  return data;
}

/** The largest of the 3×3 cells around each. */
function widen(values: Float32Array, height: number, width: number): Float32Array {
  const widened = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let most = 0;
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++)
          most = Math.max(most, values[row * width + column] ?? 0);
      }
      widened[y * width + x] = most;
    }
  }
  return widened;
}
