import { dirname } from 'node:path';
import { explainFileError } from '../../models/file-error.ts';
import { writeSafetensors } from '../../models/write-safetensors.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { AttentionValue, SocketKind } from '../../nodes/socket-values.ts';
import { concatBatch, type Tensor, tensor } from '../../nodes/tensor.ts';
import { refuseDumpPlace } from '../dump-place.ts';
import { makeFolder } from '../store/make-folder.ts';
import { isTensorless } from '../tensorless-kinds.ts';

/**
 * Writes a socket's raw value as a safetensors file with one float32 tensor, named after the output: text states [batch, tokens,
 * width], latent samples NCHW, pictures NCHW in 0…1 as they are. Items of a list are joined along the batch. What a denoiser looked at
 * has a tensor for each layer, named after the layer. Makes the folder, and writes over nothing but an earlier dump.
 */
export async function dumpValue(path: string, output: string, kind: SocketKind, value: unknown): Promise<Result<void>> {
  const found = toTensors(output, kind, value);
  if (!found.ok) return found;
  const inTheWay = await refuseDumpPlace(path);
  if (inTheWay !== undefined) return fail(inTheWay);
  try {
    await makeFolder(dirname(path));
  } catch (error) {
    return fail(explainFileError(dirname(path), error));
  }
  return writeSafetensors(path, found.value);
}

/** What a value that may be anything is, where it has a tensor in it. */
function kindOf(value: unknown): SocketKind {
  if (typeof value === 'number') return 'number';
  if (value instanceof Float32Array) return 'sigmas';
  if (typeof value !== 'object' || value === null) return 'any';
  if ('kind' in value && (value.kind === 'latent' || value.kind === 'conditioning')) return value.kind;
  return 'dtype' in value && value.dtype === 'float32' ? 'image' : 'any';
}

function toTensors(output: string, declared: SocketKind, value: unknown): Result<Record<string, Tensor>> {
  const isOpen = declared === 'any' && typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'attention';
  if (isOpen || (declared === 'attention' && !Array.isArray(value))) {
    const { layers } = value as AttentionValue; // checked against its socket when the node gave it
    return ok(Object.fromEntries(layers.map(({ name, maps }) => [name, maps])));
  }
  const found = toTensor(declared, value);
  return found.ok ? ok({ [output]: found.value }) : found;
}

function toTensor(declared: SocketKind, value: unknown): Result<Tensor> {
  const kind = declared === 'any' && !Array.isArray(value) ? kindOf(value) : declared;
  if (Array.isArray(value)) {
    const parts: Tensor[] = [];
    for (const item of value) {
      const part = toTensor(kind, item);
      if (!part.ok) return part;
      parts.push(part.value);
    }
    const [first] = parts;
    if (first === undefined) return fail('node.failed', 'it is an empty list');
    const inner = first.shape.slice(1).join();
    if (parts.some((part) => part.shape.slice(1).join() !== inner)) return fail('node.failed', 'it is a list of values of different sizes');
    return ok(concatBatch(parts));
  }
  if (isTensorless(kind)) return fail('node.failed', `it is a ${kind}, not a tensor`);
  switch (kind) {
    case 'image':
    case 'mask':
      return ok(value as Tensor); // checked against its socket when the node gave it
    case 'latent':
      return ok((value as { samples: Tensor }).samples); // as above
    case 'conditioning':
      return ok((value as { states: Tensor }).states); // as above
    case 'sigmas':
      return ok(tensor(value as Float32Array, [(value as Float32Array).length])); // as above
    case 'number':
      return ok(tensor(Float32Array.of(value as number), [1])); // as above
    case 'attention':
      return fail('node.failed', 'it is a list of what was looked at, not a tensor');
    case 'any':
      return fail('node.failed', 'it is not known to be a tensor');
    default:
      return kind satisfies never;
  }
}
