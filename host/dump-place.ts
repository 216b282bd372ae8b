import { stat } from 'node:fs/promises';
import { openSafetensors, type SafetensorsFile } from '../models/safetensors.ts';
import { type Problem, problem } from '../nodes/problem.ts';

/** How the layers are named that a dump of attention has a tensor for. */
const ATTENTION_LAYER = /\.transformer_blocks\.\d+\.attn\d$/;

/**
 * Why no dump of an output may be written here; undefined where it may. Files of people are never written over: only an empty file and an
 * earlier dump of an output of that name are.
 */
export async function refuseDumpPlace(path: string, output: string): Promise<Problem | undefined> {
  const found = await stat(path).catch(() => undefined);
  // What else is wrong with the place is said when the file is written.
  if (found === undefined || (found.isFile() && found.size === 0)) return undefined;
  if (!found.isFile()) {
    return problem('file.writeFailed', `${path} is ${found.isDirectory() ? 'a folder' : 'not a regular file'}. Name a file for the dump.`);
  }
  const file = await openSafetensors(path);
  if (file.ok && isDumpOf(output, file.value)) return undefined;
  const sentence = `${path} exists and is no earlier dump of ${output}, so it is not written over. Name another file, or delete it first.`;
  return problem('file.writeFailed', sentence);
}

function isDumpOf(output: string, { metadata, tensors }: SafetensorsFile): boolean {
  const names = [...tensors.keys()];
  const isNamedSo = (names.length === 1 && names[0] === output) || names.every((name) => ATTENTION_LAYER.test(name));
  return metadata.size === 0 && isNamedSo && [...tensors.values()].every(({ dtype }) => dtype === 'F32');
}
