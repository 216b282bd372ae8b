import { resolve } from 'node:path';

/** Files that the editor opens: graphs, and pictures that may carry one. */
export const OPENABLE = /\.(?:emulsion|json|png|webp|jpe?g)$/i;

/** The files that a start was asked to open, as absolute paths. `own`: how many arguments at the front are the program itself. */
export function filesToOpen(argv: readonly string[], own: number, folder: string): string[] {
  return argv
    .slice(own)
    .filter((argument) => !argument.startsWith('-') && OPENABLE.test(argument))
    .map((path) => resolve(folder, path));
}
