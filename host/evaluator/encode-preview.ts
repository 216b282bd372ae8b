import { crc32, deflateSync } from 'node:zlib';
import type { Tensor } from '../../nodes/tensor.ts';
import type { EncodedPicture } from '../run-events.ts';
import { toPixelBytes } from './picture-bytes.ts';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const COLOR_TYPES = { 1: 0, 3: 2, 4: 6 } as const;
const FILTER_SUB = 1;

/**
 * A small picture as PNG, at once: sharp would encode in the thread pool, beside the next model call and at a cost nobody can
 * measure, and loading it takes longer than a step of a small model. `image` is float32 NCHW [1, 1, 3 or 4, h, w] in 0…1.
 */
export function encodePreview(image: Tensor): EncodedPicture {
  const { bytes, widthPx, heightPx, channels } = toPixelBytes(image);
  const stride = widthPx * channels;
  const rows = new Uint8Array(heightPx * (stride + 1));
  for (let row = 0; row < heightPx; row++) {
    const to = row * (stride + 1);
    const from = row * stride;
    rows[to] = FILTER_SUB;
    for (let at = 0; at < stride; at++) {
      const left = at < channels ? 0 : (bytes[from + at - channels] ?? 0);
      rows[to + 1 + at] = (bytes[from + at] ?? 0) - left;
    }
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, widthPx);
  view.setUint32(4, heightPx);
  header[8] = 8;
  header[9] = COLOR_TYPES[channels];
  const parts = [
    SIGNATURE,
    ...chunk('IHDR', header),
    ...chunk('IDAT', deflateSync(rows, { level: 1 })),
    ...chunk('IEND', new Uint8Array(0)),
  ];
  return { mime: 'image/png', widthPx, heightPx, bytes: new Uint8Array(Buffer.concat(parts)) };
}

function chunk(name: string, data: Uint8Array): Uint8Array[] {
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, data.length);
  head.set(new TextEncoder().encode(name), 4);
  const tail = new Uint8Array(4);
  new DataView(tail.buffer).setUint32(0, crc32(data, crc32(head.subarray(4))));
  return [head, data, tail];
}
