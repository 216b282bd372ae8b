import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { fail, ok, type Result } from '../nodes/problem.ts';
import { explainFileError } from './file-error.ts';

const SAMPLES = 16;
const SAMPLE_BYTES = 4096;

/**
 * A hash that changes when the file does, without reading all of it: its first bytes, sixteen samples, its size and the time of its
 * last change. Two copies of one file have different fingerprints if their times differ; `hashFile` is for telling contents.
 */
export async function fingerprintFile(handle: FileHandle, head: Uint8Array): Promise<string> {
  const { size, mtimeMs } = await handle.stat();
  const hash = createHash('sha256');
  hash.update(`${size} ${mtimeMs} ${head.length}\n`).update(head);
  const sample = new Uint8Array(SAMPLE_BYTES);
  for (let index = 0; index < SAMPLES; index++) {
    const position = Math.floor((Math.max(0, size - SAMPLE_BYTES) * index) / (SAMPLES - 1));
    const { bytesRead } = await handle.read(sample, 0, SAMPLE_BYTES, position);
    hash.update(sample.subarray(0, bytesRead));
  }
  return hash.digest('hex');
}

/** One fingerprint for several; the order matters. */
export function combineFingerprints(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}\n`);
  return hash.digest('hex');
}

/** SHA-256 of a whole file in hexadecimal, read as a stream; this is the `sha256` of a model reference. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<Result<string>> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) })) hash.update(chunk);
    return ok(hash.digest('hex'));
  } catch (error) {
    if (signal?.aborted) throw error;
    return fail(explainFileError(path, error));
  }
}
