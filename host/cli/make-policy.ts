import { delimiter, resolve } from 'node:path';
import type { FilePolicy } from '../file-access.ts';

/** Folders that a person named on the command line. */
export interface NamedFolders {
  readonly allow: readonly string[];
  readonly models: readonly string[];
}

/** What a graph given to a command may read: its own folder, the working folder, the templates' pictures, and what the person named. */
export function makePolicy(
  packsRoot: string,
  templatesFolder: string,
  from: NamedFolders & { readonly graphFolder: string | null; readonly trusted: readonly string[] },
): FilePolicy {
  const here = process.cwd();
  return {
    baseFolders: from.graphFolder === null || from.graphFolder === here ? [here] : [from.graphFolder, here],
    templatesFolder,
    readFolders: from.allow.map((folder) => resolve(folder)),
    modelFolders: modelFolders(from.models),
    packsRoot,
    trusted: from.trusted,
  };
}

/** What graphs that come over a connection may read: only what was named for it, and what it has made itself. */
export function makeServePolicy(
  packsRoot: string,
  from: NamedFolders & { readonly outFolder: string; readonly templatesFolder: string },
): FilePolicy {
  return {
    baseFolders: [...from.allow.map((folder) => resolve(folder)), from.outFolder, from.templatesFolder],
    readFolders: [],
    modelFolders: modelFolders(from.models),
    packsRoot,
    trusted: [],
  };
}

/** The folders given by hand, then those of EMULSION_MODELS; absolute. */
export function modelFolders(given: readonly string[]): string[] {
  const fromEnvironment = (process.env['EMULSION_MODELS'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...new Set([...given, ...fromEnvironment].map((folder) => resolve(folder)))];
}
