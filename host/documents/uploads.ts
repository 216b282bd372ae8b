import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { explainFileError } from '../../models/file-error.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { readPictureGraph } from '../picture-graph.ts';
import { readPictureHeader, uprightSize } from '../picture-header.ts';
import { makeFolder } from '../store/make-folder.ts';
import { sanitiseName } from '../store/write-picture-file.ts';
import { hashContent } from './document-info.ts';
import { replaceFile } from './replace-file.ts';

/** What one message over a connection can hold, with room for the rest of it. */
const MAX_UPLOAD_BYTES = 40 * 2 ** 20;

/** All uploads together. */
const MAX_FOLDER_BYTES = 4 * 2 ** 30;

const EXTENSIONS = { png: '.png', jpeg: '.jpg', webp: '.webp' } as const;

/** A picture that was uploaded. */
export interface Upload {
  /** What a file parameter may hold: its path from the uploads' folder. */
  readonly file: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly carriesGraph: boolean;
}

/** Keeps a picture that was dropped on a window, once for each content. What it is is told from its bytes, never from its name. */
export async function addUpload(folder: string, name: string, bytes: Uint8Array): Promise<Result<Upload>> {
  if (bytes.length > MAX_UPLOAD_BYTES) {
    const sentence = `${name} has ${bytes.length} bytes; ${MAX_UPLOAD_BYTES} can be dropped here. Put it into a folder that Emulsion may read, and choose it there.`;
    return fail('file.unsupported', sentence);
  }
  const header = readPictureHeader(bytes);
  if (header === undefined || header.widthPx === 0 || header.heightPx === 0) {
    return fail('file.unsupported', `${name} is no PNG, JPEG or WebP picture, or it is damaged. Only pictures can be dropped here.`);
  }
  const shelf = hashContent(bytes).slice(0, 32);
  const size = { ...uprightSize(header), carriesGraph: readPictureGraph(bytes) !== undefined };
  try {
    const [known] = (await readdir(join(folder, shelf)).catch(() => [])).filter((one) => !one.startsWith('.'));
    if (known !== undefined) return ok({ file: `${shelf}/${known}`, ...size });
    if ((await countBytes(folder)) + bytes.length > MAX_FOLDER_BYTES) {
      return fail('file.diskFull', `The pictures dropped so far take 4 GiB. Delete some of them in ${folder}, then drop this one again.`);
    }
    const file = `${sanitiseName(name.replace(/\.[^.]{1,5}$/, ''))}${EXTENSIONS[header.format]}`;
    await makeFolder(join(folder, shelf));
    await replaceFile(join(folder, shelf, file), bytes);
    return ok({ file: `${shelf}/${file}`, ...size });
  } catch (error) {
    const found = explainFileError(folder, error);
    return fail(found.code === 'file.diskFull' ? found : { ...found, code: 'file.writeFailed' });
  }
}

async function countBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const shelf of await readdir(folder).catch(() => [])) {
    for (const name of await readdir(join(folder, shelf)).catch(() => [])) {
      bytes += (await stat(join(folder, shelf, name)).catch(() => undefined))?.size ?? 0;
    }
  }
  return bytes;
}
