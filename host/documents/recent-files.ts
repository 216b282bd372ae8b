import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../store/make-folder.ts';
import { hashContent } from './document-info.ts';
import { replaceFile } from './replace-file.ts';

const MOST = 50;
const listSchema = z.object({
  version: z.literal(1),
  files: z.array(z.object({ path: z.string(), title: z.string(), openedMs: z.number() })),
});
type Files = z.infer<typeof listSchema>['files'];

/** A file that was opened or saved lately. */
export interface RecentFile {
  readonly id: string;
  readonly path: string;
  readonly title: string;
  readonly openedMs: number;
  readonly isMissing: boolean;
}

/** The files opened or saved lately, newest first; kept on the disk, where several processes may write. */
export interface RecentFiles {
  list(): Promise<RecentFile[]>;
  find(id: string): Promise<string | undefined>;
  add(path: string, title: string): Promise<void>;
  clear(id?: string): Promise<void>;
}

/** The list in a state folder. What can't be kept there is forgotten: nobody loses work by it. */
export function createRecentFiles(stateFolder: string): RecentFiles {
  const path = join(stateFolder, 'recent.json');
  let last: Promise<unknown> = Promise.resolve();
  const read = async (): Promise<Files> => {
    try {
      return listSchema.parse(JSON.parse(await readFile(path, 'utf8'))).files;
    } catch {
      return [];
    }
  };
  const change = (act: (files: Files) => Files): Promise<void> => {
    const next = last.then(async () => {
      const files = act(await read()).slice(0, MOST);
      await makeFolder(stateFolder);
      await replaceFile(path, `${JSON.stringify({ version: 1, files }, null, 2)}\n`, 0o600);
    });
    last = next.catch(() => undefined);
    return next.catch(() => undefined);
  };
  return {
    list: async () =>
      Promise.all(
        (await read()).map(async (file) => ({
          id: idOf(file.path),
          ...file,
          isMissing: (await stat(file.path).catch(() => undefined)) === undefined,
        })),
      ),
    find: async (id) => (await read()).find((file) => idOf(file.path) === id)?.path,
    add: (added, title) =>
      change((files) => [{ path: added, title, openedMs: Date.now() }, ...files.filter((file) => file.path !== added)]),
    clear: (id) => change((files) => (id === undefined ? [] : files.filter((file) => idOf(file.path) !== id))),
  };
}

function idOf(path: string): string {
  return hashContent(path).slice(0, 24);
}
