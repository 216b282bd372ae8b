import { sizeAt, type Tensor, tensor } from '../tensor.ts';

/** A picture float32 NCHW [1, 1 or 3, h, w] as [1, 3, h, w]: grey as three equal channels. */
export function toColour(image: Tensor): Tensor {
  if (sizeAt(image, 1) === 3) return image;
  const data = new Float32Array(3 * image.data.length);
  for (let channel = 0; channel < 3; channel++) data.set(image.data, channel * image.data.length);
  return tensor(data, [1, 3, sizeAt(image, 2), sizeAt(image, 3)]);
}
