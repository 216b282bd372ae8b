import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { fail, ok, problem, type Result } from '../nodes/problem.ts';
import type { Tensor } from '../nodes/tensor.ts';
import { explainFileError } from './file-error.ts';

/**
 * Writes float32 tensors under their names. The file appears whole or not at all: it is written beside its place under a temporary
 * name, flushed, then renamed.
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Result<void>> {
  const temporary = `${path}.${randomUUID()}.partial`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(encodeHeader(tensors, metadata));
      for (const { data } of Object.values(tensors)) {
        await handle.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    return ok(undefined);
  } catch (error) {
    await rm(temporary, { force: true });
    const found = explainFileError(path, error);
    if (found.code === 'file.diskFull') return fail(found);
    return fail(
      problem('file.writeFailed', `${path} could not be written (${found.message}) Choose a folder that exists and may be written to.`),
    );
  }
}

function encodeHeader(tensors: Readonly<Record<string, Tensor>>, metadata: Readonly<Record<string, string>>): Uint8Array {
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    entries.push([name, { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  return encodeSafetensorsHeader(entries);
}

/** What stands before the data: length prefix and JSON header, padded with spaces so that the data begins at a multiple of eight. */
export function encodeSafetensorsHeader(entries: readonly (readonly [string, unknown])[]): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  return bytes;
}
