import { access, constants, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { explainFileError } from '../../models/file-error.ts';
import { fail, ok, type Problem, problem, type Result } from '../../nodes/problem.ts';
import { hashContent } from './document-info.ts';
import { replaceFile } from './replace-file.ts';

/** What may become of a file that is there already. */
export interface SaveRules {
  /** Hash of what was last read from it or written to it; null: it was never this document's file. */
  readonly fileHash: string | null;
  /** The person has seen that it holds something else, and wants it replaced. */
  readonly overwrite: boolean;
}

/**
 * Writes a document's text as its file, whole or not at all; an old file's mode is kept. Refused with `file.changed` when it holds
 * something else than it did, `file.exists` when it never was this document's. Returns the hash of what it holds now.
 */
export async function saveFile(path: string, text: string, { fileHash, overwrite }: SaveRules): Promise<Result<string>> {
  try {
    const found = await stat(path).catch((error: unknown) => {
      if (explainFileError(path, error).code === 'file.missing') return undefined;
      throw error;
    });
    if (found !== undefined && !found.isFile()) {
      return fail('file.unsupported', `${path} is not a file, so nothing can be saved as it. Choose another name.`);
    }
    if (found !== undefined) {
      await access(path, constants.W_OK);
      const refusal = overwrite ? undefined : refuseReplacing(path, await readFile(path), fileHash);
      if (refusal !== undefined) return fail(refusal);
    }
    await replaceFile(path, text, found && found.mode & 0o7777);
    return ok(hashContent(text));
  } catch (error) {
    return fail(explainSaveError(path, error));
  }
}

function refuseReplacing(path: string, bytes: Uint8Array, fileHash: string | null): Problem | undefined {
  if (fileHash === null) return problem('file.exists', `There is a file ${path} already. Replace it, or choose another name.`);
  if (hashContent(bytes) === fileHash) return undefined;
  const sentence = `${path} was changed by another program since it was opened here. Replace it, or save under another name.`;
  return problem('file.changed', sentence);
}

function explainSaveError(path: string, error: unknown): Problem {
  const found = explainFileError(path, error);
  switch (found.code) {
    case 'file.diskFull':
      return found;
    case 'file.missing':
      return problem('file.writeFailed', `The folder ${dirname(path)} is not there any more. Save somewhere else.`);
    default: {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return problem('file.writeFailed', `${path} could not be written (${code}): it or its folder is protected. Save somewhere else.`);
    }
  }
}
