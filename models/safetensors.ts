import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { fail, ok, problem, type Result } from '../nodes/problem.ts';
import { explainWrongFile } from './explain-wrong-file.ts';
import { explainFileError } from './file-error.ts';
import { fingerprintFile } from './fingerprint.ts';
import { RECOGNISE_BYTES, recogniseFile } from './recognise-file.ts';
import { HEADER_PREFIX_BYTES, MAX_HEADER_BYTES, parseSafetensorsHeader, type SafetensorsEntry } from './safetensors-header.ts';

/** The checked header of a safetensors file; no tensor data has been read. */
export interface SafetensorsFile {
  /** Absolute, with links resolved: what onnxruntime maps. */
  readonly path: string;
  readonly sizeBytes: number;
  /** In the header's order. */
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: ReadonlyMap<string, string>;
  /** Changes when the file changes. */
  readonly fingerprint: string;
}

/**
 * Opens a safetensors file, reads its header alone and checks everything it claims against the file's real size, so that a range
 * taken from the result never leaves the file. Anything else that people have under that name is told by its content and refused.
 */
export async function openSafetensors(path: string): Promise<Result<SafetensorsFile>> {
  let handle: FileHandle | undefined;
  try {
    const real = await realpath(path);
    // Asked before opening: opening a pipe would wait for ever.
    const found = await stat(real);
    if (found.isDirectory()) {
      return fail('file.unsupported', `${path} is a folder where a .safetensors file is wanted. Choose the file inside it.`);
    }
    if (!found.isFile()) return fail('file.unsupported', `${path} is not a regular file. Choose a .safetensors file.`);
    handle = await open(real, 'r');
    return await readHeader(handle, path, real);
  } catch (error) {
    return fail(explainFileError(path, error));
  } finally {
    await handle?.close();
  }
}

async function readHeader(handle: FileHandle, path: string, real: string): Promise<Result<SafetensorsFile>> {
  const { size } = await handle.stat();
  const start = await readRange(handle, 0, Math.min(RECOGNISE_BYTES, size));
  const kind = recogniseFile(start, size);
  if (kind !== 'safetensors') return fail(explainWrongFile(path, kind));

  const headerBytes = Number(new DataView(start.buffer, start.byteOffset).getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES) {
    return damaged(path, `its header claims ${headerBytes} bytes, more than the format's limit of ${MAX_HEADER_BYTES}`);
  }
  if (HEADER_PREFIX_BYTES + headerBytes > size) {
    return cutShort(path, `its header alone should take ${headerBytes} bytes and the file has only ${size}`);
  }
  const headerEnd = HEADER_PREFIX_BYTES + headerBytes;
  const head = headerEnd <= start.length ? start.subarray(0, headerEnd) : await readRange(handle, 0, headerEnd);
  const header = parseSafetensorsHeader(head.subarray(HEADER_PREFIX_BYTES), size);
  if ('fault' in header) return header.cutShort ? cutShort(path, header.fault) : damaged(path, header.fault);
  return ok({ path: real, sizeBytes: size, ...header, fingerprint: await fingerprintFile(handle, head) });
}

/** Exactly the bytes asked for; a file that became shorter meanwhile gives fewer. */
async function readRange(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

function damaged(path: string, fault: string): Result<never> {
  return fail(problem('model.damaged', `${path} is damaged: ${fault}. Download or export it again.`));
}

function cutShort(path: string, fault: string): Result<never> {
  return fail(problem('model.damaged', `${path} is cut short: ${fault}. The download did not finish; download it again.`));
}
