import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { GraphDocument } from '../../graphs/document.ts';
import { readGraph } from '../../graphs/read-graph.ts';
import { explainFileError } from '../../models/file-error.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import { fail, ok, type Problem, type Result } from '../../nodes/problem.ts';
import { readPictureGraph } from '../picture-graph.ts';
import { recognisePicture } from '../picture-header.ts';
import { givePlaces } from './give-places.ts';

const MAX_FILE_BYTES = 2 ** 29;
const MAX_GRAPH_BYTES = 2 ** 26;

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
    if (found.size > MAX_FILE_BYTES) return fail('file.unsupported', tooLarge(path, found.size));
    return readGraphBytes(basename(path), await readFile(path), registry);
  } catch (error) {
    return fail(explainFileError(path, error));
  }
}

/** Reads the graph in the bytes of a file, whatever its name says it is. */
export function readGraphBytes(name: string, bytes: Uint8Array, registry: NodeRegistry): Result<FoundGraph> {
  const isPicture = recognisePicture(bytes) !== undefined;
  if (!isPicture && bytes.length > MAX_GRAPH_BYTES) return fail('file.unsupported', tooLarge(name, bytes.length));
  const text = isPicture ? readPictureGraph(bytes) : new TextDecoder().decode(bytes);
  if (text === undefined) {
    return fail(
      'file.unsupported',
      `${name} is a picture without a graph in it. Pictures that Emulsion saves carry theirs, unless a program has removed it since.`,
    );
  }
  const read = readGraph(text, registry);
  if (read.document === undefined) {
    const [first] = read.problems;
    return fail(first?.code ?? 'graph.damaged', `${name}: ${first?.message ?? 'nothing of it can be read.'}`);
  }
  return ok({ document: givePlaces(read.document, registry), title: titleOf(name), isPicture, problems: read.problems, bytes });
}

/** What a file's document is called: its name without its ending. */
export function titleOf(name: string): string {
  return basename(name).replace(/(?<=.)(\.emulsion)?\.(json|png|webp|jpe?g)$/i, '');
}

function tooLarge(name: string, bytes: number): string {
  return `${name} has ${bytes} bytes, more than any graph. Is it the right file?`;
}
