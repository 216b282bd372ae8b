import { type FileHandle, open } from 'node:fs/promises';
import { fail, ok, type Result } from '../nodes/problem.ts';
import { explainFileError } from './file-error.ts';
import type { SafetensorsFile } from './safetensors.ts';
import type { SafetensorsDtype, SafetensorsEntry } from './safetensors-header.ts';

const CHUNK_BYTES = 4 << 20;

/**
 * Reads every float of a file and refuses it where one is NaN or infinite, since one such value turns whole pictures black. For small
 * files, which cost a fraction of a second; checkpoints are not read.
 */
export async function checkFinite(file: SafetensorsFile): Promise<Result<void>> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file.path, 'r');
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (const entry of file.tensors.values()) {
      if (!(await holdsNumbers(handle, entry, chunk))) {
        return fail(
          'model.damaged',
          `${file.path} holds a value that is not a number (NaN or infinite) in ${entry.name}, which would spoil every picture. Its training failed or the file is damaged; choose another version of it.`,
        );
      }
    }
    return ok(undefined);
  } catch (error) {
    return fail(explainFileError(file.path, error));
  } finally {
    await handle?.close();
  }
}

async function holdsNumbers(handle: FileHandle, { dtype, offset, length }: SafetensorsEntry, chunk: Uint8Array): Promise<boolean> {
  const test = TESTS[dtype];
  if (test === undefined) return true;
  for (let done = 0; done < length; done += chunk.length) {
    const wanted = Math.min(chunk.length, length - done);
    const { bytesRead } = await handle.read(chunk, 0, wanted, offset + done);
    if (!test(chunk.buffer as ArrayBuffer, bytesRead)) return false; // made above, over memory of its own
  }
  return true;
}

/** An exponent of ones only is an infinity or a NaN; E4M3 has one NaN for each sign and no infinity. */
const TESTS: Partial<Record<SafetensorsDtype, (buffer: ArrayBuffer, bytes: number) => boolean>> = {
  F64: (buffer, bytes) => new Float64Array(buffer, 0, bytes >> 3).every(Number.isFinite),
  F32: (buffer, bytes) => hasNone(new Uint32Array(buffer, 0, bytes >> 2), 0x7f800000),
  F16: (buffer, bytes) => hasNone(new Uint16Array(buffer, 0, bytes >> 1), 0x7c00),
  BF16: (buffer, bytes) => hasNone(new Uint16Array(buffer, 0, bytes >> 1), 0x7f80),
  F8_E5M2: (buffer, bytes) => hasNone(new Uint8Array(buffer, 0, bytes), 0x7c),
  F8_E4M3: (buffer, bytes) => hasNone(new Uint8Array(buffer, 0, bytes), 0x7f),
};

function hasNone(bits: Uint8Array | Uint16Array | Uint32Array, exponent: number): boolean {
  for (let index = 0; index < bits.length; index++) {
    if (((bits[index] ?? 0) & exponent) === exponent) return false;
  }
  return true;
}
