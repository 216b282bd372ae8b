import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { SafetensorsFile } from '../safetensors.ts';
import type { SafetensorsEntry } from '../safetensors-header.ts';
import type { TensorSource, WeightSource } from '../weights.ts';

/** A network's tensors under the names of diffusers or transformers. */
export type TensorMap = ReadonlyMap<string, TensorSource>;

/** Which tensor of a file a name stands for, and how it is to be read. */
export interface KeyTarget {
  readonly key: string;
  /** Stored [in, out] where [out, in] is wanted. */
  readonly transposed?: boolean;
  /** The n-th of so many equal pieces along the first axis. */
  readonly piece?: { readonly index: number; readonly of: number };
}

/** The weights of a network, ready for an architecture. */
export function weightSource(tensors: TensorMap): WeightSource {
  return { get: (name) => tensors.get(name), names: () => tensors.keys() };
}

/** Every tensor of a file under its own name. */
export function ownTensors(file: SafetensorsFile): Map<string, TensorSource> {
  const tensors = new Map<string, TensorSource>();
  for (const entry of file.tensors.values()) tensors.set(entry.name, sourceOf(file, entry));
  return tensors;
}

/** Tensors of a file under other names; a fused tensor that does not divide into its pieces is refused. */
export function renamedTensors(file: SafetensorsFile, names: ReadonlyMap<string, KeyTarget>): Result<TensorMap> {
  const tensors = new Map<string, TensorSource>();
  for (const [name, { key, transposed, piece }] of names) {
    const entry = file.tensors.get(key);
    if (entry === undefined) throw new Error(`a key map names ${key}, which the file does not have`);
    const whole = sourceOf(file, entry);
    if (piece === undefined) {
      tensors.set(name, transposed ? { ...whole, transposed } : whole);
      continue;
    }
    const [rows = 0, ...inner] = whole.shape;
    if (rows % piece.of !== 0) {
      const shape = `[${whole.shape.join(', ')}]`;
      return fail(
        'model.wrongShape',
        `${file.path} has ${key} in shape ${shape}, which does not divide into ${piece.of} parts. Download it again.`,
      );
    }
    const byteLength = whole.byteLength / piece.of;
    tensors.set(name, {
      ...whole,
      shape: [rows / piece.of, ...inner],
      byteOffset: whole.byteOffset + piece.index * byteLength,
      byteLength,
    });
  }
  return ok(tensors);
}

function sourceOf(file: SafetensorsFile, entry: SafetensorsEntry): TensorSource {
  return { path: file.path, dtype: entry.dtype, shape: entry.shape, byteOffset: entry.offset, byteLength: entry.length };
}
