import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { explainFileError } from '../file-error.ts';
import { hashFile } from '../fingerprint.ts';
import { isJsonObject, type JsonObject, readJsonFile } from '../read-json.ts';

/** What a pack's manifest.json says; beyond these fields it names sources, licences and training. */
export interface PackManifest {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  /** What the folder opens as. */
  readonly kind: string;
  /** Path inside the pack, with forward slashes, to size and hash. */
  readonly files: ReadonlyMap<string, { readonly bytes: number; readonly sha256: string }>;
  /** The whole manifest, for showing sources and licences. */
  readonly all: JsonObject;
}

const MANIFEST = 'manifest.json';

/** Reads and checks a pack's manifest.json; its files are not looked at. */
export async function readManifest(folder: string): Promise<Result<PackManifest>> {
  const path = join(folder, MANIFEST);
  const json = await readJsonFile(path);
  if (!json.ok) return json;
  const { name, title, summary, kind, files } = json.value;
  if (typeof name !== 'string' || typeof title !== 'string' || typeof summary !== 'string' || typeof kind !== 'string') {
    return fail('model.damaged', `${path} must name the pack: name, title, summary and kind are wanted as text. Install the pack again.`);
  }
  const listed = new Map<string, { bytes: number; sha256: string }>();
  for (const [file, entry] of Object.entries(isJsonObject(files) ? files : {})) {
    const { bytes, sha256 } = isJsonObject(entry) ? entry : {};
    const staysInside = !file.startsWith('/') && !file.includes('\\') && file.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
    if (!staysInside || typeof bytes !== 'number' || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) {
      return fail('model.damaged', `${path} lists ${JSON.stringify(file)} without a usable path, size and hash. Install the pack again.`);
    }
    listed.set(file, { bytes, sha256 });
  }
  if (listed.size === 0) return fail('model.damaged', `${path} lists no files. Install the pack again.`);
  return ok({ name, title, summary, kind, files: listed, all: json.value });
}

/** Reads every file of a pack and compares it with the manifest; a missing, changed or additional file refuses the pack. */
export async function verifyPack(folder: string): Promise<Result<PackManifest>> {
  const manifest = await readManifest(folder);
  if (!manifest.ok) return manifest;
  try {
    for (const file of await listFiles(folder)) {
      if (file !== MANIFEST && !manifest.value.files.has(file)) {
        return fail('model.damaged', `The pack ${folder} has a file ${file} that its manifest does not list. Remove it, or install the pack again.`);
      }
    }
    for (const [file, { bytes, sha256 }] of manifest.value.files) {
      const path = join(folder, file);
      const { size } = await stat(path);
      if (size !== bytes) {
        return fail('model.damaged', `${path} has ${size} bytes where the pack's manifest says ${bytes}. Install the pack again.`);
      }
      const found = await hashFile(path);
      if (!found.ok) return found;
      if (found.value !== sha256) {
        return fail('model.damaged', `${path} is not the file that the pack's manifest lists: its content was changed. Install the pack again.`);
      }
    }
  } catch (error) {
    return fail(explainFileError(folder, error));
  }
  return manifest;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}
