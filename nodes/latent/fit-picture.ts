import { createByteResampler } from '../image/resample-bytes.ts';
import { fail, ok, type Result } from '../problem.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';

/** What happens to a picture whose sides are no multiples of the autoencoder's factor. */
export type PictureFit = 'resize' | 'crop' | 'refuse';

/** The parameter of nodes that encode pictures. */
export const FIT_PARAM = {
  kind: 'choice',
  title: 'Fit',
  doc: 'What happens to a picture whose sides are no multiples of the model’s factor.',
  default: 'resize',
  options: { resize: 'Resize, as diffusers does', crop: 'Crop the edges', refuse: 'Refuse' },
} as const;

/** float32 NCHW [batch, channels, h, w] with both sides brought down to multiples of `factor`. `title`: whose sentence it is. */
export function fitPicture(title: string, image: Tensor, factor: number, fit: PictureFit): Result<Tensor> {
  const [height, width] = [sizeAt(image, 2), sizeAt(image, 3)];
  const [tall, wide] = [height - (height % factor), width - (width % factor)];
  if (tall === height && wide === width) return ok(image);
  if (tall === 0 || wide === 0 || fit === 'refuse') {
    return fail(
      'node.invalidInput',
      `${title} gets a picture of ${width}×${height} pixels; both sides must be multiples of ${factor}. Resize it.`,
      {
        socket: 'image',
      },
    );
  }
  return ok(fit === 'crop' ? cropMiddle(image, tall, wide) : shrink(image, tall, wide));
}

/** The middle of pictures or masks, float32 NCHW. */
export function cropMiddle(image: Tensor, tall: number, wide: number): Tensor {
  if (sizeAt(image, 2) === tall && sizeAt(image, 3) === wide) return image;
  const [batch, channels, height, width] = [sizeAt(image, 0), sizeAt(image, 1), sizeAt(image, 2), sizeAt(image, 3)];
  const [top, left] = [(height - tall) >> 1, (width - wide) >> 1];
  const data = new Float32Array(batch * channels * tall * wide);
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let row = 0; row < tall; row++) {
      const from = (plane * height + top + row) * width + left;
      data.set(image.data.subarray(from, from + wide), (plane * tall + row) * wide);
    }
  }
  return tensor(data, [batch, channels, tall, wide]);
}

function shrink(image: Tensor, tall: number, wide: number): Tensor {
  const [batch, channels, height, width] = [sizeAt(image, 0), sizeAt(image, 1), sizeAt(image, 2), sizeAt(image, 3)];
  const resample = createByteResampler({ width, height }, { width: wide, height: tall }, 'lanczos');
  const data = new Float32Array(batch * channels * tall * wide);
  for (let plane = 0; plane < batch * channels; plane++) {
    data.set(resample(image.data.subarray(plane * height * width, (plane + 1) * height * width)), plane * tall * wide);
  }
  return tensor(data, [batch, channels, tall, wide]);
}
