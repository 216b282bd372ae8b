import { existsSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { explainFileError } from '../../models/file-error.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { FileGrants } from './file-grants.ts';

/** More than anybody scrolls through. */
const MOST_ENTRIES = 5000;

/** One thing in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'folder' | 'graph' | 'picture' | 'model' | 'other';
  readonly bytes: number;
  readonly changedMs: number;
}

/** What lies in a folder. */
export interface FolderListing {
  readonly path: string | null;
  readonly parent: string | null;
  readonly isWritable: boolean;
  readonly entries: FolderEntry[];
  readonly more: number;
}

/** Lists the folders that windows may look into. */
export async function listRoots(grants: FileGrants): Promise<FolderListing> {
  const entries: FolderEntry[] = [];
  for (const { path } of grants.roots) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) entries.push({ name: basename(path) || path, path, kind: 'folder', bytes: 0, changedMs: found.mtimeMs });
  }
  return { path: null, parent: null, isWritable: false, entries, more: 0 };
}

/** Lists a folder that may be read: folders first, then files, each by name. What is hidden, or leads out of it, is left out. */
export async function listFolder(path: string, grants: FileGrants): Promise<Result<FolderListing>> {
  const folder = await grants.findReadable(path);
  if (!folder.ok) return folder;
  try {
    const names = (await readdir(folder.value)).filter((name) => !name.startsWith('.'));
    const entries: FolderEntry[] = [];
    for (const name of names.sort(byName).slice(0, MOST_ENTRIES)) {
      const entry = await describe(join(folder.value, name), name, grants);
      if (entry !== undefined) entries.push(entry);
    }
    entries.sort((a, b) => Number(b.kind === 'folder') - Number(a.kind === 'folder'));
    const parent = await grants.findReadable(dirname(folder.value));
    const isWritable = (await grants.findWritable(join(folder.value, 'new.json'))).ok;
    return ok({
      path: folder.value,
      parent: parent.ok && parent.value !== folder.value ? parent.value : null,
      isWritable,
      entries,
      more: Math.max(0, names.length - MOST_ENTRIES),
    });
  } catch (error) {
    const found = explainFileError(path, error);
    return fail(found.code === 'file.missing' ? { ...found, message: `There is no folder ${path} any more.` } : found);
  }
}

async function describe(path: string, name: string, grants: FileGrants): Promise<FolderEntry | undefined> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || (real !== path && !(await grants.findReadable(path)).ok)) return undefined;
  const found = await stat(real).catch(() => undefined);
  if (found === undefined) return undefined;
  const isFolder = found.isDirectory();
  if (!isFolder && !found.isFile()) return undefined;
  const kind = isFolder ? (existsSync(join(real, 'model_index.json')) ? 'model' : 'folder') : kindOf(name);
  return { name, path, kind, bytes: isFolder ? 0 : found.size, changedMs: found.mtimeMs };
}

function kindOf(name: string): FolderEntry['kind'] {
  if (/\.json$/i.test(name)) return 'graph';
  if (/\.(png|jpe?g|webp)$/i.test(name)) return 'picture';
  return /\.(safetensors|onnx)$/i.test(name) ? 'model' : 'other';
}

function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true, sensitivity: 'base' });
}
