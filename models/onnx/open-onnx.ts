import { closeSync, openSync } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { explainFileError } from '../file-error.ts';
import { combineFingerprints, fingerprintFile } from '../fingerprint.ts';
import { RECOGNISE_BYTES, recogniseFile } from '../recognise-file.ts';
import { explainNoOnnx } from './explain-no-onnx.ts';
import type { OnnxFile } from './onnx-file.ts';
import { type ExternalData, type OnnxGraph, readOnnxGraph } from './read-onnx-graph.ts';
import { WireFault, WireFile } from './wire-file.ts';

/** Files that one model's weights may be spread over. */
const MOST_EXTERNAL_FILES = 4096;

/**
 * Opens an ONNX model by what it says of itself: inputs, outputs and where its weights lie, which are not read. Weights in other files have
 * to lie in the model's folder, whatever way leads to them, and to be as long as the model says. In a Hugging Face cache, where folders hold
 * links alone, they may lie in the same model's store.
 */
export async function openOnnx(path: string): Promise<Result<OnnxFile>> {
  try {
    const real = await realpath(path);
    const found = await stat(real);
    if (!found.isFile()) {
      return fail('file.unsupported', `${path} is not a regular file where an .onnx file is wanted. Choose the file inside it.`);
    }
    const start = await readStart(real);
    const kind = recogniseFile(start, found.size);
    if (kind !== 'onnx') return fail(explainNoOnnx(path, kind));
    const graph = readGraph(real, found.size);
    if (!graph.ok) return fail('model.damaged', `${path} is damaged: ${graph.fault}. Download or export it again.`);
    const { externals, ...told } = graph.value;
    const folder = await realpath(dirname(resolve(path)));
    const places = await checkExternals(path, folder, externals);
    if (!places.ok) return places;
    const sizes = new Map([...places.value.values()].map(({ file, sizeBytes }) => [file, sizeBytes]));
    const files = [real, ...sizes.keys()];
    const fingerprints: string[] = [];
    for (const file of files) fingerprints.push(await fingerprint(file));
    const totalBytes = [...sizes.values()].reduce((sum, size) => sum + size, found.size);
    // onnxruntime looks beside the model itself, and refuses links that lead away from there.
    const isBeside = folder === dirname(real) && [...sizes.keys()].every((file) => isInside(file, folder));
    const elsewhere = isBeside ? {} : { elsewhere: new Map([...places.value].map(([location, { file }]) => [location, file])) };
    return ok({ path: real, sizeBytes: found.size, totalBytes, fingerprint: combineFingerprints(fingerprints), ...told, ...elsewhere });
  } catch (error) {
    return fail(explainFileError(path, error));
  }
}

function readGraph(path: string, sizeBytes: number): { ok: true; value: OnnxGraph } | { ok: false; fault: string } {
  const fd = openSync(path, 'r');
  try {
    return { ok: true, value: readOnnxGraph(new WireFile(fd, sizeBytes), sizeBytes) };
  } catch (error) {
    if (error instanceof WireFault) return { ok: false, fault: error.message };
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** Where a model's weights lie, links resolved. */
interface ExternalPlace {
  readonly file: string;
  readonly sizeBytes: number;
}

/** The files with a model's weights, by what the model calls them. */
async function checkExternals(
  path: string,
  folder: string,
  externals: readonly ExternalData[],
): Promise<Result<Map<string, ExternalPlace>>> {
  const places = new Map<string, ExternalPlace>();
  for (const { tensor, location, byteOffset, byteLength = 0 } of externals) {
    let place = places.get(location);
    if (place === undefined) {
      const found = await findExternal(path, folder, location);
      if (!found.ok) return found;
      place = { file: found.value, sizeBytes: (await stat(found.value)).size };
      places.set(location, place);
      if (places.size > MOST_EXTERNAL_FILES) {
        return fail('model.unsupported', `${path} spreads its weights over more than ${MOST_EXTERNAL_FILES} files. Export it with one.`);
      }
    }
    const { file, sizeBytes: size } = place;
    if (byteOffset + byteLength > size) {
      return fail(
        'model.damaged',
        `${path} looks for ${tensor || 'a tensor'} at byte ${byteOffset} of ${location}, with ${byteLength} bytes, and that file has only ${size}. Download ${basename(file)} again.`,
      );
    }
  }
  return ok(places);
}

async function findExternal(path: string, folder: string, location: string): Promise<Result<string>> {
  const escapes = (): Result<never> =>
    fail(
      'model.unsafe',
      `${path} asks for weights at ${JSON.stringify(location.slice(0, 200))}, outside of its own folder. Files that do so are not opened; take the model from another source.`,
    );
  const isOdd = location === '' || location.includes('\0') || location.includes('\\') || isAbsolute(location) || /^[a-z]:/i.test(location);
  if (isOdd || location.split('/').includes('..')) return escapes();
  const wanted = join(folder, location);
  let file: string;
  try {
    file = await realpath(wanted);
  } catch {
    return fail(
      'model.missing',
      `${path} has its weights in ${location}, which does not lie beside it. Download that file too and put it into ${folder}; where the folder has links in it, copy it with its links resolved (cp -rL).`,
    );
  }
  const store = hubStoreOf(folder);
  if (!isInside(file, folder) && !(store !== undefined && isInside(file, store))) {
    return fail(
      'model.unsafe',
      `${wanted}, where ${basename(path)} has its weights, is a link that leads out of the folder. Copy the whole folder with its links resolved (cp -rL).`,
    );
  }
  if (!(await stat(file)).isFile())
    return fail('file.unsupported', `${wanted}, where ${basename(path)} has its weights, is not a regular file.`);
  return ok(file);
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Where a Hugging Face cache keeps the files that a folder under `models--…/snapshots/…` has links to; undefined for other folders. */
function hubStoreOf(folder: string): string | undefined {
  const parts = folder.split(sep);
  const at = parts.lastIndexOf('snapshots');
  return at > 0 && parts[at - 1]?.startsWith('models--') ? [...parts.slice(0, at), 'blobs'].join(sep) : undefined;
}

async function readStart(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const bytes = new Uint8Array(RECOGNISE_BYTES);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function fingerprint(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    return await fingerprintFile(handle, new Uint8Array(0));
  } finally {
    await handle.close();
  }
}
