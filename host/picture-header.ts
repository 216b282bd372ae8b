import { inflateSync } from 'node:zlib';
import { pngChunks } from './png-chunks.ts';

/** What a picture file says of itself before any pixel is decoded. */
export interface PictureHeader {
  readonly format: 'png' | 'jpeg' | 'webp';
  /** As stored; `orientation` from 5 up means that the upright picture has them swapped. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly hasAlpha: boolean;
  /** EXIF's number, 1…8. */
  readonly orientation: number;
  /** The XMP packet, as text. */
  readonly xmp: string | undefined;
}

/** Metadata larger than this is not read. */
const MAX_XMP_BYTES = 64 * 2 ** 20;

/** A picture has a few parts; walking through millions of empty ones would take seconds. */
const MOST_PARTS = 100_000;

const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const XMP_KEYWORD = 'XML:com.adobe.xmp';
const JPEG_XMP = 'http://ns.adobe.com/xap/1.0/\0';
const EXIF = 'Exif\0\0';

/** The format that a file's first bytes tell, whatever it is called. */
export function recognisePicture(bytes: Uint8Array): PictureHeader['format'] | undefined {
  if (PNG_SIGNATURE.every((byte, at) => bytes[at] === byte)) return 'png';
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  return ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP' ? 'webp' : undefined;
}

/**
 * Reads the header of a PNG, JPEG or WebP file, given whole; undefined when it is none, or damaged before its size is known. Made
 * for untrusted bytes: no length is believed, nothing is decoded but a bounded XMP packet.
 */
export function readPictureHeader(bytes: Uint8Array): PictureHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (recognisePicture(bytes)) {
    case 'png':
      return readPng(bytes, view);
    case 'jpeg':
      return readJpeg(bytes, view);
    case 'webp':
      return readWebp(bytes, view);
    case undefined:
      return undefined;
  }
}

/** Width and height of the picture turned upright. */
export function uprightSize(header: PictureHeader): { readonly widthPx: number; readonly heightPx: number } {
  const { widthPx, heightPx } = header;
  return header.orientation >= 5 ? { widthPx: heightPx, heightPx: widthPx } : { widthPx, heightPx };
}

/** W3C PNG, third edition, sections 5 and 11. */
function readPng(bytes: Uint8Array, view: DataView): PictureHeader | undefined {
  if (bytes.length < 33 || ascii(bytes, 12, 4) !== 'IHDR') return undefined;
  const colorType = bytes[25] ?? 0;
  let hasAlpha = colorType === 4 || colorType === 6;
  let orientation = 1;
  let xmp: string | undefined;
  let hasXmp = false;
  for (const { name, data } of pngChunks(bytes)) {
    if (name === 'tRNS') hasAlpha = true;
    else if (name === 'eXIf') orientation = readOrientation(data);
    else if ((name === 'iTXt' || name === 'zTXt') && !hasXmp && isXmp(data)) {
      // Only the first: each could unpack to the limit.
      hasXmp = true;
      xmp = name === 'iTXt' ? readPngText(data) : inflateText(data.subarray(XMP_KEYWORD.length + 2));
    }
  }
  return { format: 'png', widthPx: view.getUint32(16), heightPx: view.getUint32(20), hasAlpha, orientation, xmp };
}

function isXmp(data: Uint8Array): boolean {
  return ascii(data, 0, XMP_KEYWORD.length) === XMP_KEYWORD && data[XMP_KEYWORD.length] === 0;
}

/** An iTXt chunk with XMP: keyword, 0, compressed?, method, language, 0, translated keyword, 0, text. */
function readPngText(data: Uint8Array): string | undefined {
  const isCompressed = data[XMP_KEYWORD.length + 1] === 1;
  const language = data.indexOf(0, XMP_KEYWORD.length + 3);
  const keyword = language < 0 ? -1 : data.indexOf(0, language + 1);
  if (keyword < 0) return undefined;
  const text = data.subarray(keyword + 1);
  if (isCompressed) return inflateText(text);
  return text.length <= MAX_XMP_BYTES ? decodeText(text) : undefined;
}

/** Deflated text; libvips puts XMP, in UTF-8, into a zTXt chunk (keyword, 0, method, text), so pictures saved anew by it have one. */
function inflateText(text: Uint8Array): string | undefined {
  try {
    return decodeText(inflateSync(text, { maxOutputLength: MAX_XMP_BYTES }));
  } catch {
    return undefined; // damaged, or a bomb
  }
}

/** ITU-T T.81, annex B; XMP and EXIF sit in APP1 segments. */
function readJpeg(bytes: Uint8Array, view: DataView): PictureHeader | undefined {
  let orientation = 1;
  let xmp: string | undefined;
  for (let at = 2, part = 0; at + 4 <= bytes.length && part < MOST_PARTS; part++) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = view.getUint16(at + 2);
    const data = bytes.subarray(at + 4, at + 2 + length);
    if (length < 2 || marker === 0xda) return undefined;
    if (marker === 0xe1) {
      if (ascii(data, 0, EXIF.length) === EXIF) orientation = readOrientation(data);
      else if (ascii(data, 0, JPEG_XMP.length) === JPEG_XMP) xmp ??= decodeText(data.subarray(JPEG_XMP.length));
    } else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      if (data.length < 6) return undefined;
      return { format: 'jpeg', widthPx: view.getUint16(at + 7), heightPx: view.getUint16(at + 5), hasAlpha: false, orientation, xmp };
    }
    at += 2 + length;
  }
  return undefined;
}

/** RFC 9649: RIFF chunks; the first one is VP8 (lossy), VP8L (lossless) or VP8X (with metadata). */
function readWebp(bytes: Uint8Array, view: DataView): PictureHeader | undefined {
  let size: { widthPx: number; heightPx: number; hasAlpha: boolean } | undefined;
  let orientation = 1;
  let xmp: string | undefined;
  for (let at = 12, part = 0; at + 8 <= bytes.length && part < MOST_PARTS; part++) {
    const name = ascii(bytes, at, 4);
    const length = view.getUint32(at + 4, true);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (name === 'VP8X' && data.length >= 10) {
      const extent = (from: number): number => 1 + (data[from] ?? 0) + ((data[from + 1] ?? 0) << 8) + ((data[from + 2] ?? 0) << 16);
      size ??= { widthPx: extent(4), heightPx: extent(7), hasAlpha: ((data[0] ?? 0) & 0x10) !== 0 };
    } else if (name === 'VP8L' && data.length >= 5) {
      const bits = view.getUint32(at + 9, true);
      size ??= { widthPx: 1 + (bits & 0x3fff), heightPx: 1 + ((bits >>> 14) & 0x3fff), hasAlpha: ((bits >>> 28) & 1) !== 0 };
    } else if (name === 'VP8 ' && data.length >= 10) {
      size ??= { widthPx: view.getUint16(at + 14, true) & 0x3fff, heightPx: view.getUint16(at + 16, true) & 0x3fff, hasAlpha: false };
    } else if (name === 'EXIF') {
      orientation = readOrientation(data);
    } else if (name === 'XMP ' && length <= MAX_XMP_BYTES) {
      xmp ??= decodeText(data);
    }
    at += 8 + length + (length % 2);
  }
  return size && { format: 'webp', ...size, orientation, xmp };
}

/** Tag 0x0112 of the first directory of EXIF data (TIFF 6.0, section 2); 1 when there is none. */
function readOrientation(data: Uint8Array): number {
  const start = ascii(data, 0, EXIF.length) === EXIF ? EXIF.length : 0;
  const view = new DataView(data.buffer, data.byteOffset + start, Math.max(0, data.byteLength - start));
  if (view.byteLength < 10) return 1;
  const little = view.getUint16(0) === 0x4949;
  if (!little && view.getUint16(0) !== 0x4d4d) return 1;
  const directory = view.getUint32(4, little);
  if (directory + 2 > view.byteLength) return 1;
  const entries = view.getUint16(directory, little);
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + entry * 12;
    if (at + 12 > view.byteLength) return 1;
    if (view.getUint16(at, little) !== 0x0112) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

function ascii(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
