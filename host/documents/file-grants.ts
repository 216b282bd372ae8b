import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { explainFileError } from '../../models/file-error.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { contains, type FilePolicy, readableFolders, resolveReadable } from '../file-access.ts';

/** Which files windows may name: what the policy allows, and what a person chose in a native dialog. */
export interface FileGrants {
  /** The policy it was made from, with everything that has been granted since: changes as grants come in. */
  readonly policy: FilePolicy;
  /** Lets windows use a file that a person chose; the token stands for its path. */
  grantFile(path: string): string;
  /** Lets windows and graphs use everything in a folder that a person chose. */
  grantFolder(folder: string): Promise<void>;
  /** Graphs find files that they name from this folder, which is a document's. */
  addBase(folder: string): void;
  /** The policy for a graph whose document lies in this folder: files that it names are looked for there first. */
  policyFrom(folder: string): FilePolicy;
  redeem(token: string): Result<string>;
  /** Lets a document read and write a file that a person chose some other time. */
  trust(path: string): void;
  /** The real path of a file or folder that may be read. */
  findReadable(path: string): Promise<Result<string>>;
  /** The real path of a file that may be written, there or not. */
  findWritable(path: string): Promise<Result<string>>;
  /** Folders that may be listed, in the order to show them. */
  readonly roots: readonly { readonly path: string; readonly isWritable: boolean }[];
}

/** Folders that graphs may read and that nobody saves into or looks through. */
export interface ReservedFolders {
  readonly templatesFolder: string;
  readonly uploadsFolder: string;
}

/** Grants over a policy. */
export function createFileGrants(base: FilePolicy, { templatesFolder, uploadsFolder }: ReservedFolders): FileGrants {
  const tokens = new Map<string, string>();
  const files = new Set<string>();
  const folders: string[] = [];
  const baseFolders = [...base.baseFolders, uploadsFolder];
  const readFolders = [...base.readFolders];
  const policy: FilePolicy = { ...base, baseFolders, readFolders };
  const isReserved = (folder: string): boolean => folder === templatesFolder || folder === uploadsFolder;
  const writable = (): string[] => [...folders, ...base.baseFolders.filter((folder) => !isReserved(folder))];

  return {
    policy,
    grantFile(path) {
      const token = randomBytes(16).toString('base64url');
      tokens.set(token, path);
      return token;
    },
    async grantFolder(folder) {
      const real = await realpath(folder).catch(() => folder);
      if (!folders.includes(real)) folders.push(real);
      if (!readFolders.includes(real)) readFolders.push(real);
    },
    addBase(folder) {
      if (!baseFolders.includes(folder)) baseFolders.push(folder);
    },
    // A folder counts only if it has been added: a recovered document may lie where this process may not read.
    policyFrom: (folder) =>
      baseFolders.includes(folder) ? { ...policy, baseFolders: [folder, ...baseFolders.filter((one) => one !== folder)] } : policy,
    redeem(token) {
      const path = tokens.get(token);
      if (path === undefined) return fail('file.outside', 'That choice of a file is not known any more. Choose it again.');
      files.add(path);
      return ok(path);
    },
    trust: (path) => void files.add(path),
    async findReadable(path) {
      if (!files.has(path)) return resolveReadable(path, policy);
      try {
        const real = await realpath(path);
        files.add(real);
        return ok(real);
      } catch (error) {
        return fail(explainFileError(path, error));
      }
    },
    async findWritable(path) {
      const real = await realOrNew(path);
      if (real.ok && files.has(path)) files.add(real.value);
      if (real.ok && files.has(real.value)) return real;
      for (const folder of writable()) {
        // Whether something is there is not told about places that may not be written.
        const place = real.ok ? real.value : resolve(path);
        if (contains(await realpath(folder).catch(() => folder), place) || (!real.ok && contains(folder, place))) return real;
      }
      return fail(
        'file.outside',
        `${path} lies outside the folders that may be written to. Save it elsewhere, or allow its folder with --allow.`,
      );
    },
    get roots() {
      const canWrite = new Set(writable());
      const all = [...canWrite, ...readableFolders(policy).filter((folder) => !isReserved(folder) && folder !== base.packsRoot)];
      return [...new Set(all)].map((path) => ({ path, isWritable: canWrite.has(path) }));
    },
  };
}

/** Where a link leads, for a file that is there; for a new one, its real folder and its name. */
async function realOrNew(path: string): Promise<Result<string>> {
  try {
    return ok(await realpath(path));
  } catch {
    try {
      return ok(join(await realpath(dirname(path)), basename(path)));
    } catch (error) {
      return fail(explainFileError(dirname(path), error));
    }
  }
}
