import { parse } from 'node:path';

/** A file as onnxruntime is told of it: a folder that may be read from, and the way from there. */
export interface ExternalLocation {
  /** The file system's root (a drive's on Windows): onnxruntime refuses whatever lies outside the folder it was given. */
  readonly folder: string;
  readonly location: string;
}

/** Splits an absolute path into root and rest. */
export function externalLocation(path: string): ExternalLocation {
  const { root } = parse(path);
  return { folder: root, location: path.slice(root.length) };
}
