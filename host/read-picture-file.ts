import { readFile, stat } from 'node:fs/promises';
import { explainFileError } from '../models/file-error.ts';
import { fail, ok, type Result } from '../nodes/problem.ts';
import { type PictureHeader, readPictureHeader, recognisePicture } from './picture-header.ts';

/** 8192 × 8192: float32 RGB of it takes 768 MiB. */
export const MAX_PIXELS = 2 ** 26;

const MAX_FILE_BYTES = 2 ** 29;

/** A picture file as it lies on the disk, not decoded. */
export interface PictureFile {
  readonly bytes: Uint8Array;
  readonly header: PictureHeader;
}

/** Reads a picture file that may be decoded: a PNG, JPEG or WebP of bearable size, told by content. `path` is how sentences name it. */
export async function readPictureFile(path: string, realPath: string): Promise<Result<PictureFile>> {
  let bytes: Uint8Array;
  try {
    // Asked before reading: reading a pipe would wait for ever.
    const found = await stat(realPath);
    if (found.isDirectory()) return fail('file.unsupported', `${path} is a folder where a picture is wanted. Choose the file inside it.`);
    if (!found.isFile()) return fail('file.unsupported', `${path} is not a regular file. Choose a PNG, JPEG or WebP file.`);
    if (found.size > MAX_FILE_BYTES)
      return fail('file.unsupported', `${path} has ${found.size} bytes; a picture may have ${MAX_FILE_BYTES}.`);
    bytes = await readFile(realPath);
  } catch (error) {
    return fail(explainFileError(path, error));
  }
  const header = readPictureHeader(bytes);
  if (header === undefined) return explainPicture(path, bytes);
  const { widthPx, heightPx } = header;
  if (widthPx === 0 || heightPx === 0) return fail('file.damaged', `${path} is damaged: it says it is ${widthPx}×${heightPx} pixels.`);
  if (widthPx * heightPx > MAX_PIXELS) {
    const sentence = `${path} is ${widthPx}×${heightPx} pixels; a picture may have ${MAX_PIXELS} in all. Make it smaller first.`;
    return fail('file.unsupported', sentence);
  }
  return ok({ bytes, header });
}

const OTHERS: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /^$/, what: 'is empty' },
  { pattern: /^GIF8/, what: 'is a GIF, which is not read' },
  { pattern: /^....ftyp/s, what: 'is an AVIF or HEIF file, which is not read' },
  { pattern: /^(II\*\0|MM\0\*)/, what: 'is a TIFF file, which is not read' },
  { pattern: /^BM/, what: 'is a BMP file, which is not read' },
  { pattern: /^\s*(<\?xml|<svg)/, what: 'is a drawing (SVG), which is not read' },
];

function explainPicture(path: string, bytes: Uint8Array): Result<never> {
  const format = recognisePicture(bytes);
  if (format !== undefined) {
    return fail(
      'file.damaged',
      `${path} is a damaged ${format.toUpperCase()} file: it is cut off, or its header is wrong. Save or download it again.`,
    );
  }
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 64));
  const what = OTHERS.find((one) => one.pattern.test(start))?.what ?? 'is no picture that can be read';
  return fail('file.unsupported', `${path} ${what}. Save it as PNG, JPEG or WebP.`);
}
