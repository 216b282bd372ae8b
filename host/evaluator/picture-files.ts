import type { Sharp } from 'sharp';
import type { PictureFiles } from '../../nodes/context.ts';
import { fail, ok, type Problem, problem, type Result, warning } from '../../nodes/problem.ts';
import { sizeAt, type Tensor, tensor } from '../../nodes/tensor.ts';
import { type FilePolicy, resolveReadable } from '../file-access.ts';
import { makeGraphPacket } from '../picture-graph.ts';
import { MAX_PIXELS, type PictureFile, readPictureFile } from '../read-picture-file.ts';
import { writePictureFile } from '../store/write-picture-file.ts';
import { encodeSmallPng, isSmallPicture } from './encode-small-png.ts';
import { insertPngXmp } from './insert-png-xmp.ts';
import { type PixelBytes, toPixelBytes } from './picture-bytes.ts';

const EXTENSIONS = { png: 'png', webp: 'webp', jpeg: 'jpg' } as const;

/** The longest side that a format can hold. */
const LONGEST_SIDE_PX = { png: 2 ** 31 - 1, webp: 16_383, jpeg: 65_535 } as const;

const NO_FOLDER = 'This run may not write files: it was started without a folder to put pictures in.';

/** What pictures of one run may be read and where they go. */
export interface PictureFilesOptions {
  readonly policy: FilePolicy;
  /** Null: nothing may be written. */
  readonly outFolder: string | null;
  /** The run's graph in canonical writing, for the pictures to carry. */
  readonly graphText: () => string;
  warn(problem: Problem): void;
}

/** Reads and writes pictures with sharp, which is loaded when the first one needs it; small PNGs do without. */
export function createPictureFiles(options: PictureFilesOptions): PictureFiles {
  return {
    async load(path, alpha) {
      const allowed = await resolveReadable(path, options.policy);
      if (!allowed.ok) return allowed;
      const file = await readPictureFile(path, allowed.value);
      return file.ok ? decodePicture(path, file.value, alpha) : file;
    },
    async save(image, { name, format, embedGraph }) {
      if (options.outFolder === null) {
        return fail('file.writeFailed', NO_FOLDER);
      }
      const pixels = toPixelBytes(image);
      if (Math.max(pixels.widthPx, pixels.heightPx) > LONGEST_SIDE_PX[format]) return fail(explainTooLarge(pixels, format));
      const packet = embedGraph ? makeGraphPacket(options.graphText(), format) : undefined;
      if (embedGraph && packet === undefined) {
        const sentence =
          'The graph is too large for a JPEG file, so the picture is written without it. Save as PNG or WebP to keep the graph in it.';
        options.warn(warning('file.unsupported', sentence));
      }
      return writePictureFile(options.outFolder, name, EXTENSIONS[format], await encodePicture(pixels, format, packet));
    },
    async saveAnimation(images, { name, framesPerSecond, embedGraph }) {
      if (options.outFolder === null) return fail('file.writeFailed', NO_FOLDER);
      const frames = Array.from({ length: sizeAt(images, 0) }, (_, row) => toPixelBytes(images, row));
      const [first] = frames;
      if (first === undefined) throw new Error('an animation has at least one picture');
      if (Math.max(first.widthPx, first.heightPx) > LONGEST_SIDE_PX.webp) return fail(explainTooLarge(first, 'webp'));
      const packet = embedGraph ? makeGraphPacket(options.graphText(), 'webp') : undefined;
      return writePictureFile(options.outFolder, name, 'webp', await encodeAnimation(frames, 1000 / framesPerSecond, packet));
    },
  };
}

function explainTooLarge({ widthPx, heightPx }: PixelBytes, format: keyof typeof LONGEST_SIDE_PX): Problem {
  const advice = format === 'webp' ? 'Save it as PNG or JPEG, or make it smaller.' : 'Save it as PNG, or make it smaller.';
  const sentence = `The picture is ${widthPx}×${heightPx} pixels, and a side of a ${format.toUpperCase()} file has ${LONGEST_SIDE_PX[format]} at most. ${advice}`;
  return problem('file.unsupported', sentence);
}

/** A picture as a PNG, WebP or JPEG file, with an XMP packet if one is given. */
export async function encodePicture(pixels: PixelBytes, format: 'png' | 'webp' | 'jpeg', packet?: string): Promise<Uint8Array> {
  if (format === 'png') {
    const png = isSmallPicture(pixels) ? encodeSmallPng(pixels) : await (await openPixels(pixels)).png().toBuffer();
    return packet === undefined ? png : insertPngXmp(png, packet);
  }
  const picture = await openPixels(pixels);
  if (packet !== undefined) picture.withXmp(packet);
  if (format === 'webp') return picture.webp({ quality: 95 }).toBuffer();
  return picture.flatten({ background: '#ffffff' }).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
}

async function openPixels({ bytes, widthPx, heightPx, channels }: PixelBytes): Promise<Sharp> {
  const sharp = await loadSharp();
  return sharp(bytes, { raw: { width: widthPx, height: heightPx, channels } });
}

/** Pictures of one size, each shown for so long, as an animated WebP file. */
async function encodeAnimation(frames: readonly PixelBytes[], frameMs: number, packet: string | undefined): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const { widthPx, heightPx, channels } = frames[0] ?? { widthPx: 0, heightPx: 0, channels: 3 };
  const film = Buffer.concat(frames.map(({ bytes }) => bytes));
  const raw = { width: widthPx, height: heightPx * frames.length, channels, pageHeight: heightPx };
  const picture = sharp(film, { raw });
  if (packet !== undefined) picture.withXmp(packet);
  return picture.webp({ quality: 90, loop: 0, delay: frames.map(() => Math.round(frameMs)) }).toBuffer();
}

async function decodePicture(path: string, { bytes, header }: PictureFile, alpha: boolean): Promise<Result<Tensor>> {
  const sharp = await loadSharp();
  try {
    const source = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' }).autoOrient();
    const { depth } = await sharp(bytes).metadata();
    const isWide = depth === 'ushort';
    const decoded = await source
      .toColourspace(isWide ? 'rgb16' : 'srgb')
      .raw({ depth: isWide ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { data, info } = decoded;
    const values = isWide ? new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)) : data;
    return ok(toTensor(values, info.width, info.height, info.channels, isWide ? 65535 : 255, alpha));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return fail('file.damaged', `${path} is a damaged ${header.format.toUpperCase()} file (${reason}). Save or download it again.`);
  }
}

/** Interleaved integers to planes in 0…1; grey becomes three planes, transparency goes over white unless it is wanted. */
function toTensor(values: Uint8Array | Uint16Array, width: number, height: number, channels: number, full: number, alpha: boolean): Tensor {
  const plane = width * height;
  const colors = channels >= 3 ? 3 : 1;
  const hasAlpha = channels === 2 || channels === 4;
  const planes = hasAlpha && alpha ? 4 : 3;
  const data = new Float32Array(planes * plane);
  for (let pixel = 0; pixel < plane; pixel++) {
    const from = pixel * channels;
    const opacity = hasAlpha ? (values[from + channels - 1] ?? 0) / full : 1;
    for (let color = 0; color < 3; color++) {
      const value = (values[from + (colors === 3 ? color : 0)] ?? 0) / full;
      data[color * plane + pixel] = hasAlpha && !alpha ? value * opacity + (1 - opacity) : value;
    }
    if (planes === 4) data[3 * plane + pixel] = opacity;
  }
  return tensor(data, [1, planes, height, width]);
}

async function loadSharp(): Promise<typeof import('sharp')['default']> {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  return sharp;
}
