import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { explainFileError } from '../../models/file-error.ts';
import { type Problem, problem } from '../../nodes/problem.ts';

/** Entries of another layout are left alone, so that two versions of Emulsion can share a folder. */
const LAYOUT = 'values-2';
const ENTRY_NAME = /^[0-9a-f]{64}\.value$/;
const LEFTOVER_NAME = /^[0-9a-f]{64}\.value\..+\.partial$/;
const SHELF_NAME = /^[0-9a-f]{2}$/;

/** Where results are kept on disk unless a run says otherwise: EMULSION_CACHE_DIR, else the system's place for caches. */
export function defaultCacheFolder(env: NodeJS.ProcessEnv): string {
  if (env['EMULSION_CACHE_DIR']) return env['EMULSION_CACHE_DIR'];
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'emulsion');
  if (process.platform === 'win32' && env['LOCALAPPDATA']) return join(env['LOCALAPPDATA'], 'Emulsion', 'Cache');
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches', 'Emulsion') : join(homedir(), '.cache', 'emulsion');
}

/** Why nothing can be kept in a folder or read from it; undefined where it can, or where there is none yet. */
export async function refuseCacheFolder(folder: string): Promise<Problem | undefined> {
  for (const place of [folder, join(folder, LAYOUT)]) {
    try {
      await readdir(place);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOENT') return undefined;
      if (code !== 'ENOTDIR') return explainFileError(place, error);
      const sentence = `${place} is a file, or lies in one, where a folder for results is wanted. Set EMULSION_CACHE_DIR to a folder.`;
      return problem('file.unsupported', sentence);
    }
  }
  return undefined;
}

/** One kept file. */
export interface CacheEntry {
  readonly path: string;
  readonly bytes: number;
  /** When it was last read or written. */
  readonly usedMs: number;
}

/** Where the entry of a key lies. */
export function entryPath(folder: string, key: string): string {
  return join(folder, LAYOUT, key.slice(0, 2), `${key}.value`);
}

/** True for what can be a key: anything else would not be found again. */
export function isEntryKey(key: string): boolean {
  return ENTRY_NAME.test(`${key}.value`);
}

/** Every entry of a cache folder; a folder that is not there has none. */
export async function listCacheEntries(folder: string): Promise<CacheEntry[]> {
  return (await listFiles(folder)).filter((file) => ENTRY_NAME.test(file.name));
}

/** Deletes what Emulsion put into a cache folder, and nothing else; returns what went. */
export async function clearCacheFolder(folder: string): Promise<{ readonly entries: number; readonly bytes: number }> {
  const files: Awaited<ReturnType<typeof listFiles>> = [];
  for (const file of await listFiles(folder)) {
    const isGone = await rm(file.path, { force: true }).then(
      () => true,
      () => false,
    );
    if (isGone) files.push(file);
  }
  const shelves = await readdir(join(folder, LAYOUT)).catch(() => []);
  for (const shelf of shelves) await rmdir(join(folder, LAYOUT, shelf)).catch(() => undefined);
  await rmdir(join(folder, LAYOUT)).catch(() => undefined);
  const entries = files.filter((file) => ENTRY_NAME.test(file.name));
  return { entries: entries.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
}

/** Deletes half-written entries that a killed process left behind, once they are an hour old. */
export async function dropLeftovers(folder: string, nowMs: number): Promise<void> {
  for (const file of await listFiles(folder)) {
    if (LEFTOVER_NAME.test(file.name) && nowMs - file.usedMs > 3_600_000) await rm(file.path, { force: true }).catch(() => undefined);
  }
}

async function listFiles(folder: string): Promise<(CacheEntry & { readonly name: string })[]> {
  const root = join(folder, LAYOUT);
  const files: (CacheEntry & { readonly name: string })[] = [];
  for (const shelf of await readdir(root).catch(() => [])) {
    if (!SHELF_NAME.test(shelf)) continue;
    for (const name of await readdir(join(root, shelf)).catch(() => [])) {
      if (!ENTRY_NAME.test(name) && !LEFTOVER_NAME.test(name)) continue;
      const path = join(root, shelf, name);
      // Another process may have dropped it meanwhile.
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile()) files.push({ path, name, bytes: found.size, usedMs: found.mtimeMs });
    }
  }
  return files;
}
