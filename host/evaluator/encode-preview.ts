import type { Tensor } from '../../nodes/tensor.ts';
import type { EncodedPicture } from '../run-events.ts';
import { encodeSmallPng } from './encode-small-png.ts';
import { toPixelBytes } from './picture-bytes.ts';

/**
 * A small picture as PNG, at once: sharp would encode in the thread pool, beside the next model call and at a cost nobody can
 * measure. `image` is float32 NCHW [1, 1, 3 or 4, h, w] in 0…1.
 */
export function encodePreview(image: Tensor): EncodedPicture {
  const pixels = toPixelBytes(image);
  return { mime: 'image/png', widthPx: pixels.widthPx, heightPx: pixels.heightPx, bytes: encodeSmallPng(pixels) };
}
