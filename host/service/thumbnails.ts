import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FilePolicy } from '../file-access.ts';
import { resolveReadable } from '../file-access.ts';
import { locateModel } from '../model-locator.ts';
import { MAX_PIXELS, readPictureFile } from '../read-picture-file.ts';
import type { EncodedPicture } from '../run-events.ts';
import type { Artifact, ArtifactStore } from '../store/artifact-store.ts';

/** Twice the largest place that shows one. */
const SIDE_PX = 256;
const QUALITY = 78;

/** Decoding takes a core each. */
const MOST_AT_ONCE = 2;

/** Artifacts hold the bytes; what is kept here is small. */
const MOST_REMEMBERED = 5000;

/** Pictures that managers of models put beside a file of the same name. */
const BESIDE = ['.preview.png', '.png', '.preview.jpg', '.jpg', '.preview.jpeg', '.jpeg', '.preview.webp', '.webp'];

/** What a thumbnail is asked of: a picture file, or the picture beside a model. */
export interface ThumbnailRequest {
  readonly kind: 'picture' | 'model';
  /** As a file or model parameter holds it, or a folder lists it. */
  readonly file: string;
}

/** Makes small pictures of files that may be read; undefined where there is none, or it can't be read. */
export type ThumbnailMaker = (request: ThumbnailRequest, policy: FilePolicy) => Promise<Artifact | undefined>;

/** A maker that keeps what it has made among the artifacts, for as long as the file stays the same. */
export function createThumbnailMaker(artifacts: ArtifactStore): ThumbnailMaker {
  const made = new Map<string, Promise<Artifact | undefined>>();
  const limit = createLimit(MOST_AT_ONCE);
  const remember = (key: string, artifact: Promise<Artifact | undefined>): void => {
    made.set(key, artifact);
    for (const oldest of made.keys()) {
      if (made.size <= MOST_REMEMBERED) break;
      made.delete(oldest);
    }
  };
  return async (request, policy) => {
    const path = request.kind === 'picture' ? await findPicture(request.file, policy) : await findBeside(request.file, policy);
    const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
    if (path === undefined || !found?.isFile()) return undefined;
    const key = `${path}\0${found.size}\0${found.mtimeMs}\0${found.ctimeMs}`;
    const known = await made.get(key);
    if (known !== undefined && artifacts.has(known.id)) return known;
    if (made.has(key) && known === undefined) return undefined;
    const artifact = limit(async () => {
      const picture = await shrink(path);
      return picture && artifacts.addPicture('thumbnail.webp', picture);
    });
    remember(key, artifact);
    return artifact;
  };
}

async function findPicture(file: string, policy: FilePolicy): Promise<string | undefined> {
  const real = await resolveReadable(file, policy);
  return real.ok ? real.value : undefined;
}

/** `model.png` or `model.preview.png` beside `model.safetensors`; of a folder also `preview.png` in it. */
async function findBeside(model: string, policy: FilePolicy): Promise<string | undefined> {
  const path = await locateModel(model, policy);
  if (!path.ok) return undefined;
  const base = path.value.replace(/\.(safetensors|onnx)$/i, '');
  const inside = base === path.value ? ['.png', '.jpg', '.jpeg', '.webp'].map((ending) => join(base, `preview${ending}`)) : [];
  for (const candidate of [...BESIDE.map((ending) => base + ending), ...inside]) {
    const real = await resolveReadable(candidate, policy);
    if (real.ok) return real.value;
  }
  return undefined;
}

/** A picture file as PNG no larger than a side, for the system's own images; undefined where it is none, or is damaged. */
export async function makeIcon(path: string, sidePx: number): Promise<EncodedPicture | undefined> {
  return shrink(path, { sidePx, format: 'png' });
}

async function shrink(
  path: string,
  { sidePx, format }: { readonly sidePx: number; readonly format: 'png' | 'webp' } = { sidePx: SIDE_PX, format: 'webp' },
): Promise<EncodedPicture | undefined> {
  const file = await readPictureFile(path, path);
  if (!file.ok) return undefined;
  try {
    // Loaded when it is first needed: most programs that use the host never show a thumbnail.
    const { default: sharp } = await import('sharp');
    const { data, info } = await sharp(file.value.bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
      .rotate()
      .resize({ width: sidePx, height: sidePx, fit: 'inside', withoutEnlargement: true })
      .toFormat(format, format === 'webp' ? { quality: QUALITY } : {})
      .toBuffer({ resolveWithObject: true });
    return { mime: `image/${format}`, widthPx: info.width, heightPx: info.height, bytes: new Uint8Array(data) };
  } catch {
    // A picture that is damaged after its header; whoever loads it is told how.
    return undefined;
  }
}

/** Runs at most so many things at once; the others wait in order. */
function createLimit(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
