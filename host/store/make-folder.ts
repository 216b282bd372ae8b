import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing; rejects with the system's error where that is not possible. The recursive
 * `mkdir` of node 20 never comes back where the system says ENOENT though the folder above is there, as under /proc.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' && dirname(path) !== path) {
      // The one above may have been made meanwhile; then only trying again tells.
      if (!(await isFolder(dirname(path)))) await makeFolder(dirname(path));
      await mkdir(path).catch((again: unknown) => unlessFolder(path, again));
      return;
    }
    await unlessFolder(path, error);
  }
}

/** Somebody may have made it before, or meanwhile. */
async function unlessFolder(path: string, error: unknown): Promise<void> {
  if (!(await isFolder(path))) throw error;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
