import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A model's folder has some twenty files; of one with many more, nothing is said. */
const MOST_FILES = 200;

/** Folders of components, and nothing deeper. */
const MOST_DEPTH = 2;

/** What was written so shortly before may be written once more within the same tick of the file system's clock. */
const SETTLED_MS = 2_000;

/**
 * A text that differs when any file under these paths was written, replaced, added or taken away. Undefined where that can't be told:
 * something is missing, too much lies there, or it has only just changed.
 */
export function stampFiles(paths: readonly string[], nowMs: number): string | undefined {
  const parts: string[] = [];
  const visit = (path: string, depth: number): void => {
    const found = statSync(path);
    // The time of the last change of status can't be set back, as that of the content can.
    if (Math.max(found.mtimeMs, found.ctimeMs) > nowMs - SETTLED_MS) throw new Error('it has only just changed');
    parts.push(`${path} ${found.dev} ${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`);
    if (parts.length > MOST_FILES) throw new Error('there are too many files');
    if (!found.isDirectory()) return;
    if (depth === MOST_DEPTH) throw new Error('folders lie too deep');
    for (const name of readdirSync(path).sort()) visit(join(path, name), depth + 1);
  };
  try {
    for (const path of paths) visit(path, 0);
    return parts.join('\n');
  } catch {
    return undefined;
  }
}
