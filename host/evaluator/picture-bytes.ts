import { sizeAt, type Tensor } from '../../nodes/tensor.ts';

/** Pixels as codecs take them: uint8, row by row, channels interleaved. */
export interface PixelBytes {
  readonly bytes: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly channels: 1 | 3 | 4;
}

/**
 * One picture of a batch, float32 NCHW in 0…1, as bytes. Rounds as numpy does in diffusers' `numpy_to_pil`: times 255 in float32,
 * halves to even; what lies outside of 0…1 by rounding is clipped.
 */
export function toPixelBytes(image: Tensor, index = 0): PixelBytes {
  const channels = sizeAt(image, 1);
  const heightPx = sizeAt(image, 2);
  const widthPx = sizeAt(image, 3);
  if (channels !== 1 && channels !== 3 && channels !== 4) throw new Error(`a picture has 1, 3 or 4 channels, not ${channels}`);
  const plane = heightPx * widthPx;
  const first = index * channels * plane;
  const bytes = new Uint8Array(channels * plane);
  for (let channel = 0; channel < channels; channel++) {
    let from = first + channel * plane;
    for (let to = channel; to < bytes.length; to += channels) bytes[to] = toByte(image.data[from++] ?? 0);
  }
  return { bytes, widthPx, heightPx, channels };
}

function toByte(value: number): number {
  const scaled = Math.fround(Math.fround(value) * 255);
  if (!(scaled > 0)) return 0;
  if (scaled >= 255) return 255;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
