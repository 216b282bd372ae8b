import { type Problem, problem } from '../nodes/problem.ts';

/** Turns an error of node:fs into a sentence about the file; anything that is no file error is a bug and is thrown on. */
export function explainFileError(path: string, error: unknown): Problem {
  const code = codeOf(error);
  switch (code) {
    case undefined:
      throw error;
    case 'ENOENT':
    case 'ENOTDIR':
      return problem('file.missing', `There is no file ${path}. Check the path, or where it was moved to.`);
    case 'EISDIR':
      return problem('file.unsupported', `${path} is a folder where a file is wanted. Choose the file inside it.`);
    case 'EACCES':
    case 'EPERM':
      return problem('file.unreadable', `${path} may not be read: the system refuses access. Change its permissions or copy it elsewhere.`);
    case 'ENOSPC':
    case 'EDQUOT':
      return problem('file.diskFull', `The disk is full, so ${path} could not be written. Free some space and try again.`);
    case 'ELOOP':
      return problem('file.unreadable', `${path} is a link that leads back to itself. Download the file again.`);
    default:
      return problem('file.unreadable', `${path} could not be read or written (${code}). Check the disk and try again.`);
  }
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}
