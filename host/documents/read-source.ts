import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { GraphDocument } from '../../graphs/document.ts';
import { readGraph } from '../../graphs/read-graph.ts';
import { explainFileError } from '../../models/file-error.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import { fail, ok, type Problem, type Result } from '../../nodes/problem.ts';
import { recognisePicture } from '../picture-header.ts';
import { explainSize, readGraphText } from '../read-graph-text.ts';
import { givePlaces } from './give-places.ts';

/** A graph as it was found in a file, its nodes with places. */
export interface FoundGraph {
  readonly document: GraphDocument;
  readonly title: string;
  /** It came out of a picture, which can't be saved into. */
  readonly isPicture: boolean;
  readonly problems: readonly Problem[];
  readonly bytes: Uint8Array;
}

/** Reads a graph file, or a picture that carries its graph, at a path that may be read. */
export async function readGraphFile(path: string, registry: NodeRegistry): Promise<Result<FoundGraph>> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return fail('file.unsupported', `${path} is not a file. Choose a graph (.json), or a picture that carries one.`);
    const excess = explainSize(path, found.size);
    if (excess !== undefined) return fail('file.unsupported', excess);
    return readGraphBytes(basename(path), await readFile(path), registry);
  } catch (error) {
    return fail(explainFileError(path, error));
  }
}

/** Reads the graph in the bytes of a file, whatever its name says it is. */
export function readGraphBytes(name: string, bytes: Uint8Array, registry: NodeRegistry): Result<FoundGraph> {
  const text = readGraphText(name, bytes);
  if (!text.ok) return text;
  const read = readGraph(text.value, registry);
  if (read.document === undefined) {
    const [first] = read.problems;
    return fail(first?.code ?? 'graph.damaged', `${name}: ${first?.message ?? 'nothing of it can be read.'}`);
  }
  const isPicture = recognisePicture(bytes) !== undefined;
  return ok({ document: givePlaces(read.document, registry), title: titleOf(name), isPicture, problems: read.problems, bytes });
}

/** What a file's document is called: its name without its ending. */
export function titleOf(name: string): string {
  return basename(name).replace(/(?<=.)(\.emulsion)?\.(json|png|webp|jpe?g)$/i, '');
}
