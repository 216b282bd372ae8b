import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import type { HostService } from '../host/create-service.ts';
import type { PickedFile } from '../host/shell/shell-contract.ts';

/** Paths that are remembered from one start to the next; the oldest go first. */
const MOST_PATHS = 1000;

const list = z.object({ version: z.literal(1), paths: z.array(z.string()).max(MOST_PATHS) });

type PathGrants = HostService['grants'];

/** The files and folders that a person has opened, which graphs may name from then on, after a restart too. */
export interface OpenedPaths {
  /** Live: part of the policy of every run. */
  readonly trusted: readonly string[];
  /** Remembers a path, and says what a window may know of it. */
  open(path: string, grants: PathGrants): PickedFile;
  /** Grants the folders that were opened before this start. */
  grantFolders(grants: PathGrants): Promise<void>;
}

/** Reads the list, and writes it again after each change. */
export async function readOpenedPaths(path: string): Promise<OpenedPaths> {
  const trusted: string[] = list.safeParse(parseJson(await readFile(path, 'utf8').catch(() => ''))).data?.paths ?? [];
  let writing = Promise.resolve();
  const write = async (): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, `${JSON.stringify({ version: 1, paths: trusted })}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
  };
  return {
    trusted,
    open(chosen, grants) {
      if (!trusted.includes(chosen)) {
        trusted.push(chosen);
        trusted.splice(0, trusted.length - MOST_PATHS);
        // Where it can't be written, the files are opened once more after the next start.
        writing = writing.then(write).catch(() => undefined);
      }
      return { token: grants.grantFile(chosen), name: basename(chosen), file: chosen };
    },
    async grantFolders(grants) {
      for (const one of trusted) {
        if ((await stat(one).catch(() => undefined))?.isDirectory()) await grants.grantFolder(one);
      }
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
