import { type FileHandle, open } from 'node:fs/promises';
import { fail, ok, type Result } from '../nodes/problem.ts';
import { type Tensor, tensor } from '../nodes/tensor.ts';
import { explainFileError } from './file-error.ts';
import { halfToNumber, widenBfloat16 } from './half-float.ts';
import type { SafetensorsFile } from './safetensors.ts';
import type { SafetensorsEntry } from './safetensors-header.ts';

/**
 * Reads one tensor into memory as float32: F32 as it is, F16 and BF16 widened exactly, F64 and integers rounded to float32. For
 * small needs; networks leave their weights in the file.
 */
export async function readTensor(file: SafetensorsFile, name: string): Promise<Result<Tensor>> {
  const read = await readTensors(file, [name]);
  if (!read.ok) return read;
  const found = read.value.get(name);
  if (found === undefined) throw new Error('a tensor that was read is there');
  return ok(found);
}

/** Reads several tensors as `readTensor` does, opening the file once. */
export async function readTensors(file: SafetensorsFile, names: readonly string[]): Promise<Result<Map<string, Tensor>>> {
  const found = new Map<string, Tensor>();
  if (names.length === 0) return ok(found);
  let handle: FileHandle | undefined;
  try {
    handle = await open(file.path, 'r');
    for (const name of names) {
      const read = await readOne(handle, file, name);
      if (!read.ok) return read;
      found.set(name, read.value);
    }
    return ok(found);
  } catch (error) {
    return fail(explainFileError(file.path, error));
  } finally {
    await handle?.close();
  }
}

async function readOne(handle: FileHandle, file: SafetensorsFile, name: string): Promise<Result<Tensor>> {
  const entry = file.tensors.get(name);
  if (entry === undefined) {
    const names = [...file.tensors.keys()].slice(0, 5).join(', ');
    return fail(
      'model.missingTensor',
      `${file.path} has no tensor ${name}; it begins with ${names || 'none at all'}. Choose a file that has it.`,
    );
  }
  const bytes = await readBytes(handle, entry);
  if (bytes.length !== entry.length) {
    return fail('file.damaged', `${file.path} became shorter while it was in use. Restore it and open it again.`);
  }
  const data = toFloat32(bytes, entry.dtype);
  if (data === undefined) {
    return fail(
      'model.unsupported',
      `${file.path} stores tensor ${name} as ${entry.dtype}; F32, F16, BF16, F64 or integers are read. Export it as F16 or F32.`,
    );
  }
  return ok(tensor(data, entry.shape));
}

async function readBytes(handle: FileHandle, entry: SafetensorsEntry): Promise<Uint8Array> {
  const bytes = new Uint8Array(entry.length);
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, entry.offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/** `bytes` own their buffer from its start, so typed views on it are aligned. Little-endian, as the format and every supported machine is. */
function toFloat32({ buffer, byteLength }: Uint8Array, dtype: SafetensorsEntry['dtype']): Float32Array | undefined {
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer, 0, byteLength / 4);
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer, 0, byteLength / 2), halfToNumber);
    case 'BF16':
      return widenBfloat16(new Uint16Array(buffer, 0, byteLength / 2));
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, 0, byteLength / 8));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer, 0, byteLength / 8), Number);
    case 'U64':
      return Float32Array.from(new BigUint64Array(buffer, 0, byteLength / 8), Number);
    case 'I32':
      return Float32Array.from(new Int32Array(buffer, 0, byteLength / 4));
    case 'U32':
      return Float32Array.from(new Uint32Array(buffer, 0, byteLength / 4));
    case 'I16':
      return Float32Array.from(new Int16Array(buffer, 0, byteLength / 2));
    case 'U16':
      return Float32Array.from(new Uint16Array(buffer, 0, byteLength / 2));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer, 0, byteLength));
    case 'U8':
    case 'BOOL':
      return Float32Array.from(new Uint8Array(buffer, 0, byteLength));
    default:
      return undefined;
  }
}
