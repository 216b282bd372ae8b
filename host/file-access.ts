import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { explainFileError } from '../models/file-error.ts';
import { fail, ok, type Result } from '../nodes/problem.ts';

/** Linux's PATH_MAX; others allow less. */
const MOST_CHARACTERS = 4096;

/** Which files a graph may name. Plain data; every path is absolute. */
export interface FilePolicy {
  /** Relative paths are looked up here, in this order: the graph's own folder, then the working folder. */
  readonly baseFolders: readonly string[];
  /** Where relative paths are looked up last, and what may be read: the templates' own pictures, wherever a graph made of one went. */
  readonly templatesFolder?: string;
  /** What lies inside these may be read. */
  readonly readFolders: readonly string[];
  /** Folders that hold models by name; they may be read. */
  readonly modelFolders: readonly string[];
  /** The bundled models; they may be read. */
  readonly packsRoot: string;
  /** Paths, as written, that the person who started the run gave by hand: these may lie anywhere. */
  readonly trusted: readonly string[];
}

/**
 * Finds the file or folder that a graph names and gives its absolute path with links resolved, if this run may read it. A path
 * inside an allowed folder whose link leads out of it is outside.
 */
export async function resolveReadable(path: string, policy: FilePolicy): Promise<Result<string>> {
  if (path.length > MOST_CHARACTERS) {
    return fail('file.missing', `A path has ${path.length} characters; systems allow ${MOST_CHARACTERS}. Type it anew.`);
  }
  if (path.includes('\0')) return fail('file.missing', 'A path holds a zero byte, which no file name has. Type it anew.');
  const isTrusted = policy.trusted.includes(path);
  // What was typed by hand is meant from where it was typed.
  const bases = isTrusted ? [...policy.baseFolders].reverse() : policy.baseFolders;
  const candidates = isAbsolute(path) ? [path] : [...bases, ...ownTemplates(policy)].map((base) => resolve(base, path));
  const allowed = await Promise.all(readableFolders(policy).map(realOrSame));
  let refusal: Result<string> | undefined;
  for (const candidate of candidates) {
    const real = await findReal(candidate);
    const isAllowed = isTrusted || allowed.some((folder) => contains(folder, real.path));
    if (isAllowed && real.error === undefined) return ok(real.path);
    // Whether something is there is not told about places that may not be read.
    refusal ??= isAllowed ? fail(explainFileError(path, real.error)) : refuseOutside(path);
  }
  return refusal ?? fail('file.missing', `There is no file ${path}.`);
}

/** Every folder that a run may read. */
export function readableFolders(policy: FilePolicy): readonly string[] {
  return [...policy.baseFolders, ...ownTemplates(policy), ...policy.readFolders, ...policy.modelFolders, policy.packsRoot];
}

function ownTemplates({ templatesFolder }: FilePolicy): readonly string[] {
  return templatesFolder === undefined ? [] : [templatesFolder];
}

/** True when a path is the folder or lies in it. Both absolute, links resolved. */
export function contains(folder: string, path: string): boolean {
  const inner = relative(folder, path);
  return inner === '' || (inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner));
}

function refuseOutside(path: string): Result<string> {
  const advice = `Move it beside the graph, or allow its folder with --allow ${dirname(path)}.`;
  return fail('file.outside', `${path} lies outside the folders that this graph may read. ${advice}`);
}

async function realOrSame(path: string): Promise<string> {
  return (await findReal(path)).path;
}

/** The real path; of what does not exist, the real path of the nearest folder that does with the rest of the names, and the error. */
async function findReal(path: string): Promise<{ readonly path: string; readonly error?: unknown }> {
  try {
    return { path: await realpath(path) };
  } catch (error) {
    const parent = dirname(path);
    if (parent === path) return { path, error };
    return { path: join((await findReal(parent)).path, basename(path)), error };
  }
}
