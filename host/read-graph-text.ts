import { fail, ok, type Result } from '../nodes/problem.ts';
import { decodeGraphText } from './decode-graph-text.ts';
import { explainBarePicture } from './explain-bare-picture.ts';
import { readPictureGraph } from './picture-graph.ts';
import { recognisePicture } from './picture-header.ts';

/** No file larger than this is read in search of a graph. */
const MAX_FILE_BYTES = 2 ** 29;

/** A graph of 100,000 nodes takes about 20 MB. */
const MAX_GRAPH_BYTES = 2 ** 26;

/** Why a file is not even read; undefined when it may hold a graph. */
export function explainSize(name: string, sizeBytes: number): string | undefined {
  return sizeBytes > MAX_FILE_BYTES ? tooLarge(name, sizeBytes) : undefined;
}

/** The text of the graph in the bytes of a graph file, or of a picture that carries one, whatever its name says it is. */
export function readGraphText(name: string, bytes: Uint8Array): Result<string> {
  if (recognisePicture(bytes) === undefined) {
    return bytes.length > MAX_GRAPH_BYTES ? fail('file.unsupported', tooLarge(name, bytes.length)) : decodeGraphText(name, bytes);
  }
  const text = readPictureGraph(bytes);
  return text === undefined ? fail('file.unsupported', explainBarePicture(name, bytes)) : ok(text);
}

function tooLarge(name: string, bytes: number): string {
  return `${name} has ${bytes} bytes, more than any graph. Is it the right file?`;
}
