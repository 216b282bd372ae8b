import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Problem, problem, type Result } from '../../nodes/problem.ts';
import { makeFolder } from './make-folder.ts';
import { partialFileName } from './partial-files.ts';

const RESERVED_ON_WINDOWS = /^(con|prn|aux|nul|com\d|lpt\d)(?=$|\.)/i;

/** File systems allow 255 bytes; room is left for a number and an extension. */
const MOST_NAME_BYTES = 200;
const MOST_TRIES = 100_000;

/**
 * Writes bytes as `name.extension` into a folder, or as `name-2.extension` and so on where that exists: nothing is ever overwritten.
 * The file appears whole or not at all. Returns its path.
 */
export async function writePictureFile(folder: string, name: string, extension: string, bytes: Uint8Array): Promise<Result<string>> {
  try {
    let path: string;
    try {
      path = writeNow(folder, name, extension, bytes);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      await makeFolder(folder);
      path = writeNow(folder, name, extension, bytes);
    }
    // After what is told of the run; it takes a thread and the disk.
    setImmediate(() => void bringToDisk(path));
    return ok(path);
  } catch (error) {
    return fail(explainWriteError(folder, error));
  }
}

/** Without the thread pool: waking a thread for each of these calls takes longer than all of them. */
function writeNow(folder: string, name: string, extension: string, bytes: Uint8Array): string {
  const temporary = join(folder, partialFileName());
  try {
    writeFileSync(temporary, bytes, { flag: 'wx' });
    return publish(temporary, folder, sanitiseName(name), extension);
  } finally {
    try {
      unlinkSync(temporary);
    } catch {
      // It has become the picture.
    }
  }
}

/** Sees that a finished file outlives a power cut, which nobody waits for; that it is whole is known by now. */
async function bringToDisk(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r+');
    await handle.sync().finally(() => handle.close());
  } catch {
    // Moved or deleted meanwhile, or a file system that does not know it.
  }
}

/** A name that is a file name on every system and names nothing outside its folder. */
export function sanitiseName(name: string): string {
  const flat = name
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Surrogate}<>:"/\\|?*]+/gu, '-')
    .replace(/^[.\s-]+|[.\s-]+$/g, '');
  const short = cutToBytes(flat, MOST_NAME_BYTES).replace(/[.\s]+$/, '');
  if (short === '') return 'picture';
  return short.replace(RESERVED_ON_WINDOWS, '$1-');
}

/** The longest beginning that takes no more than so many bytes in UTF-8, no character cut apart. */
function cutToBytes(text: string, most: number): string {
  let bytes = 0;
  let short = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > most) break;
    short += character;
  }
  return short;
}

/** The number that the last picture of a name got, by its path without one: a folder of thousands is not gone through for each. */
const lastCounts = new Map<string, number>();
const MOST_REMEMBERED = 1000;

/** Gives the finished file the first free name, after those that this process gave; two processes never get the same one. */
function publish(temporary: string, folder: string, name: string, extension: string): string {
  const numbered = (count: number): string => join(folder, count === 1 ? `${name}.${extension}` : `${name}-${count}.${extension}`);
  const first = numbered(1);
  const last = lastCounts.get(first);
  for (let count = last !== undefined && existsSync(numbered(last)) ? last + 1 : 1; count < MOST_TRIES; count++) {
    const path = numbered(count);
    try {
      // A second name for the same file: fails if something has it already, which rename would overwrite.
      linkSync(temporary, path);
      if (lastCounts.size >= MOST_REMEMBERED) lastCounts.clear();
      lastCounts.set(first, count);
      return path;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') continue;
      if (takeName(path, error)) {
        try {
          renameSync(temporary, path);
        } catch (renameError) {
          rmSync(path, { force: true });
          throw renameError;
        }
        return path;
      }
    }
  }
  throw Object.assign(new Error('every name is taken'), { code: 'EEXIST' });
}

/** For file systems without hard links: an empty file holds the name until the finished one takes its place. False: the name is taken. */
function takeName(path: string, linkError: unknown): boolean {
  if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV'].includes(codeOf(linkError))) throw linkError;
  try {
    closeSync(openSync(path, 'wx'));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function explainWriteError(folder: string, error: unknown): Problem {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return problem('file.diskFull', `The disk is full, so the picture could not be written into ${folder}. Free some space and run again.`);
  }
  const reason = code || (error instanceof Error ? error.message : String(error));
  return problem('file.writeFailed', `The picture could not be written into ${folder} (${reason}). Choose another folder with --out.`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
