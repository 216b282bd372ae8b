import { sizeAt, type Tensor, tensor } from '../tensor.ts';

/** What one of several texts that guide together was predicted to be. */
export interface WeightedPrediction {
  /** float32 NCHW. */
  readonly predicted: Tensor;
  readonly weight: number;
}

/**
 * Several texts in one place. With a prediction without text: ε(x) + Σ wᵢ (ε(x, cᵢ) − ε(x)) (Liu et al. 2022, Compositional Visual
 * Generation with Composable Diffusion Models, equation 11); without: the mean by weights, whose sum must not be zero. One text of weight 1
 * comes back as it is.
 */
export function joinTexts(texts: readonly WeightedPrediction[], unconditional: Tensor | undefined): Tensor {
  const [first] = texts;
  if (first === undefined) throw new Error('there is no text to guide with');
  if (texts.length === 1 && (first.weight === 1 || unconditional === undefined)) return first.predicted;
  const data = new Float32Array(first.predicted.data.length);
  const total = texts.reduce((sum, { weight }) => sum + weight, 0);
  for (let at = 0; at < data.length; at++) {
    const base = unconditional?.data[at] ?? 0;
    let sum = 0;
    for (const { predicted, weight } of texts) sum += weight * ((predicted.data[at] ?? 0) - base);
    data[at] = unconditional === undefined ? sum / total : base + sum;
  }
  return tensor(data, first.predicted.shape);
}

/** What is predicted in one region. */
export interface RegionPrediction {
  /** float32 NCHW. */
  readonly predicted: Tensor;
  /** float32 [1 or batch, 1, height, width] of the prediction's size, not below zero; undefined: 1 everywhere. */
  readonly cover: Tensor | undefined;
}

/**
 * Regions side by side: in each cell the mean of their predictions by how much they cover it, as ComfyUI's masks. Cells that none covers
 * take `elsewhere`, or the mean of all. One region without a cover comes back as it is.
 */
export function joinRegions(regions: readonly RegionPrediction[], elsewhere: Tensor | undefined): Tensor {
  const [first] = regions;
  if (first === undefined) throw new Error('there is no region');
  if (regions.length === 1 && first.cover === undefined) return first.predicted;
  const { shape } = first.predicted;
  const data = new Float32Array(first.predicted.data.length);
  const [batch, channels] = [sizeAt(first.predicted, 0), sizeAt(first.predicted, 1)];
  const cells = sizeAt(first.predicted, 2) * sizeAt(first.predicted, 3);
  for (let plane = 0; plane < batch * channels; plane++) {
    const picture = Math.floor(plane / channels);
    for (let cell = 0; cell < cells; cell++) {
      const at = plane * cells + cell;
      let [sum, covered, plain] = [0, 0, 0];
      for (const { predicted, cover } of regions) {
        const value = predicted.data[at] ?? 0;
        const share = cover === undefined ? 1 : (cover.data[(sizeAt(cover, 0) === 1 ? 0 : picture) * cells + cell] ?? 0);
        sum += share * value;
        covered += share;
        plain += value;
      }
      data[at] = covered > 0 ? sum / covered : (elsewhere?.data[at] ?? plain / regions.length);
    }
  }
  return tensor(data, shape);
}
