import { randomBytes } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { explainFileError } from '../../models/file-error.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { makeFolder } from '../store/make-folder.ts';

/** In the state folder; who deletes it logs every browser out. */
export const SESSION_FILE = 'serve-session';
const KEY_BYTES = 32;

/** A key for a server that remembers nobody. */
export function makeSessionKey(): Uint8Array {
  return new Uint8Array(randomBytes(KEY_BYTES));
}

/**
 * The key that a state folder's cookies are signed with, for its owner's eyes only: the one that is there, so that a server that was started
 * again knows its windows, or a new one. One that others could read or that is damaged is replaced; so is any with `isNew`.
 */
export async function openSessionKey(folder: string, isNew: boolean): Promise<Result<Uint8Array>> {
  const path = join(folder, SESSION_FILE);
  try {
    const known = isNew ? undefined : await readKey(path);
    return ok(known ?? (await writeKey(folder, path)));
  } catch (error) {
    const { code, message } = explainFileError(path, error);
    return fail({ code, severity: 'warning', message: `${message} Until then, open windows must log in again after a restart.` });
  }
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const found = await file.stat();
    const isPrivate = process.platform === 'win32' || ((found.mode & 0o077) === 0 && found.uid === process.getuid?.());
    return found.isFile() && isPrivate ? parseKey(await file.readFile('utf8')) : undefined;
  } finally {
    await file.close();
  }
}

async function writeKey(folder: string, path: string): Promise<Uint8Array> {
  await makeFolder(folder);
  await rm(path, { force: true });
  const key = makeSessionKey();
  try {
    // Never over what is there: two servers that start at once have one key.
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(`${Buffer.from(key).toString('hex')}\n`);
    await file.close();
    return key;
  } catch (error) {
    const other = isCode(error, 'EEXIST') ? parseKey(await readFile(path, 'utf8')) : undefined;
    if (other === undefined) throw error;
    return other;
  }
}

function parseKey(text: string): Uint8Array | undefined {
  const key = /^[\da-f]{64}\s*$/.test(text) ? Buffer.from(text.trim(), 'hex') : undefined;
  return key && new Uint8Array(key);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
