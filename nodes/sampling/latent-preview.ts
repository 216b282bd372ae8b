import type { ModelRuntime, PreviewPicture } from '../context.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';

/** What `ModelRuntime.previewFactors` gives. */
type PreviewFactors = NonNullable<ReturnType<ModelRuntime['previewFactors']>>;

/** Most pictures of a batch that are shown side by side. */
export const MOST_SHOWN = 4;

/**
 * A picture of latents without an autoencoder: each cell's channels through a linear map, a thousandth of a decoder's work. Without a map the
 * first channels stand for red, green and blue. `latents` float32 NCHW; the first pictures of a batch stand side by side.
 */
export function previewLatents(latents: Tensor, factors: PreviewFactors | undefined): PreviewPicture {
  const [channels, height, width] = [sizeAt(latents, 1), sizeAt(latents, 2), sizeAt(latents, 3)];
  const shown = Math.min(MOST_SHOWN, sizeAt(latents, 0));
  const plane = height * width;
  const sheetWidth = width * shown;
  const data = new Float32Array(3 * height * sheetWidth);
  for (let picture = 0; picture < shown; picture++) {
    for (let colour = 0; colour < 3; colour++) {
      for (let cell = 0; cell < plane; cell++) {
        let value = factors?.bias[colour] ?? 0;
        if (factors === undefined) value = (latents.data[(picture * channels + Math.min(colour, channels - 1)) * plane + cell] ?? 0) / 3;
        else
          for (const [channel, row] of factors.factors.entries())
            value += (latents.data[(picture * channels + channel) * plane + cell] ?? 0) * row[colour as 0 | 1 | 2];
        const unit = value / 2 + 0.5;
        const row = Math.floor(cell / width);
        data[(colour * height + row) * sheetWidth + picture * width + (cell % width)] = unit > 0 ? Math.min(1, unit) : 0;
      }
    }
  }
  return { image: tensor(data, [1, 3, height, sheetWidth]) };
}
