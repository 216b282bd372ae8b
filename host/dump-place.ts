import { stat } from 'node:fs/promises';
import { openSafetensors, type SafetensorsFile } from '../models/safetensors.ts';
import { type Problem, problem } from '../nodes/problem.ts';

/** How the layers are named that a dump of attention has a tensor for. */
const ATTENTION_LAYER = /\.transformer_blocks\.\d+\.attn\d$/;

/** How outputs are named, which is unlike the names that trained weights and embeddings have. */
const OUTPUT = /^[a-z][a-zA-Z0-9]*$/;

/** Why no dump may be written here; undefined where it may. Files of people are never written over: only empty files and earlier dumps are. */
export async function refuseDumpPlace(path: string): Promise<Problem | undefined> {
  const found = await stat(path).catch(() => undefined);
  // What else is wrong with the place is said when the file is written.
  if (found === undefined || (found.isFile() && found.size === 0)) return undefined;
  if (!found.isFile()) {
    return problem('file.writeFailed', `${path} is ${found.isDirectory() ? 'a folder' : 'not a regular file'}. Name a file for the dump.`);
  }
  const file = await openSafetensors(path);
  if (file.ok && isDump(file.value)) return undefined;
  const sentence = `${path} exists and is no earlier dump, so it is not written over. Name another file, or delete it first.`;
  return problem('file.writeFailed', sentence);
}

function isDump({ metadata, tensors }: SafetensorsFile): boolean {
  const names = [...tensors.keys()];
  const isNamedSo = (names.length === 1 && OUTPUT.test(names[0] ?? '')) || names.every((name) => ATTENTION_LAYER.test(name));
  return metadata.size === 0 && isNamedSo && [...tensors.values()].every(({ dtype }) => dtype === 'F32');
}
