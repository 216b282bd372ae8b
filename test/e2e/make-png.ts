import { crc32, deflateSync } from 'node:zlib';

/** One PNG chunk with a right checksum. */
export function pngChunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** A grey 8-bit PNG that says it has this size, with chunks in front of its pixels. */
export function makePng(
  size: { readonly widthPx: number; readonly heightPx: number },
  chunks: readonly Uint8Array[] = [],
  pixels: Uint8Array = deflateSync(Buffer.alloc((size.widthPx + 1) * size.heightPx)),
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size.widthPx, 0);
  header.writeUInt32BE(size.heightPx, 4);
  header[8] = 8;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, pngChunk('IHDR', header), ...chunks, pngChunk('IDAT', pixels), pngChunk('IEND', Buffer.alloc(0))]);
}

/** An iTXt chunk with an XMP packet, compressed or not. */
export function xmpChunk(packet: Uint8Array, compressed: boolean): Buffer {
  const head = Buffer.from(`XML:com.adobe.xmp\0${compressed ? '\x01' : '\0'}\0\0\0`, 'latin1');
  return pngChunk('iTXt', Buffer.concat([head, packet]));
}
