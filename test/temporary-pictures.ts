import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPictureFiles } from '../host/evaluator/picture-files.ts';
import type { PictureFiles } from '../nodes/context.ts';
import type { Problem } from '../nodes/problem.ts';

/** A temporary folder of pictures, with the reader and writer that nodes are given in a run. */
export interface TemporaryPictures {
  readonly folder: string;
  readonly pictures: PictureFiles;
  readonly warnings: readonly Problem[];
  remove(): Promise<void>;
}

/** Makes an empty folder whose pictures may be read and written; `graphText` is what written files carry. */
export async function openTemporaryPictures(graphText: string): Promise<TemporaryPictures> {
  const folder = await mkdtemp(join(tmpdir(), 'emulsion-pictures-'));
  const warnings: Problem[] = [];
  const pictures = createPictureFiles({
    policy: { baseFolders: [folder], readFolders: [], modelFolders: [], packsRoot: folder, trusted: [] },
    outFolder: folder,
    graphText: () => graphText,
    warn: (problem) => warnings.push(problem),
  });
  return { folder, pictures, warnings, remove: () => rm(folder, { recursive: true, force: true }) };
}
