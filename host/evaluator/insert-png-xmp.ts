import { crc32 } from 'node:zlib';

/** Where a PNG's first chunk ends: 8 bytes of signature and 25 of IHDR. */
const AFTER_HEADER = 33;

/**
 * A PNG with an XMP packet in an uncompressed iTXt chunk right after its header, which is where XMP part 3 wants it and other
 * programs look for it. libvips would write a zTXt chunk, which is neither for UTF-8 nor known to readers of XMP.
 */
export function insertPngXmp(png: Uint8Array, packet: string): Uint8Array {
  // Keyword, 0, not compressed, method 0, no language, 0, no translated keyword, 0, text.
  const body = Buffer.from(`iTXtXML:com.adobe.xmp\0\0\0\0\0${packet}`, 'utf8');
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return Buffer.concat([png.subarray(0, AFTER_HEADER), chunk, png.subarray(AFTER_HEADER)]);
}
