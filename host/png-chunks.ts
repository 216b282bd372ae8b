/** A picture has a few parts; walking through millions of empty ones would take seconds. */
const MOST_CHUNKS = 100_000;

/** One part of a PNG file. */
export interface PngChunk {
  readonly name: string;
  readonly data: Uint8Array;
}

/** The whole parts of a PNG file in their order; IEND is the last, and missing where the file is cut short. No length is believed. */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8, count = 0; at + 12 <= bytes.length && count < MOST_CHUNKS; count++) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (data.length < length) return;
    yield { name, data };
    if (name === 'IEND') return;
    at += 12 + length;
  }
}
