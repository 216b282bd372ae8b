import { fail, ok, type Result } from '../../nodes/problem.ts';
import { type FilePolicy, resolveReadable } from '../file-access.ts';
import { MAX_PIXELS, readPictureFile } from '../read-picture-file.ts';

/** Four bytes of each fit into one message over a connection, even where PNG can make nothing smaller. */
const MOST_PIXELS = 2 ** 23;

/** A picture to draw on. */
export interface ReadPicture {
  readonly mime: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** As the file has it; larger than the picture where that has been made smaller. */
  readonly fileWidthPx: number;
  readonly fileHeightPx: number;
  readonly bytes: Uint8Array;
}

/** Reads a picture file as nodes see it, upright and in sRGB with 8 bits, as PNG; one of very many pixels is made smaller. */
export async function readPicture(path: string, policy: FilePolicy): Promise<Result<ReadPicture>> {
  const allowed = await resolveReadable(path, policy);
  if (!allowed.ok) return allowed;
  const file = await readPictureFile(path, allowed.value);
  if (!file.ok) return file;
  try {
    // Loaded when it is first needed: most programs that use the host never draw.
    const { default: sharp } = await import('sharp');
    const source = sharp(file.value.bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' }).autoOrient().toColourspace('srgb');
    const { width, height } = (await source.metadata()).autoOrient;
    const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
    const resized = scale === 1 ? source : source.resize({ width: Math.max(1, Math.floor(width * scale)) });
    const { data, info } = await resized.png({ compressionLevel: 3 }).toBuffer({ resolveWithObject: true });
    return ok({
      mime: 'image/png',
      widthPx: info.width,
      heightPx: info.height,
      fileWidthPx: width,
      fileHeightPx: height,
      bytes: new Uint8Array(data),
    });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return fail('file.damaged', `${path} is a damaged picture (${reason}). Save or download it again.`);
  }
}
