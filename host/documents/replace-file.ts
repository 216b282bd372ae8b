import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { partialFileName } from '../store/partial-files.ts';

/**
 * Writes a file whole or not at all, through to the disk: whoever reads it, whenever, sees the old content or the new one. Rejects
 * with the system's error.
 */
export async function replaceFile(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, partialFileName());
  try {
    const handle = await open(temporary, 'wx', mode === undefined ? 0o666 : 0o600);
    try {
      await handle.writeFile(content);
      // Set on the open file: what was asked of `open` is narrowed by the process's mask.
      if (mode !== undefined) await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Makes sure that names given to files in a folder survive a power cut; some systems can't, and need not be asked again. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
