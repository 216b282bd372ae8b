import { readFile, stat } from 'node:fs/promises';
import { fail, ok, type Result } from '../nodes/problem.ts';
import { explainFileError } from './file-error.ts';

/** A JSON object out of a file nobody vouches for. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Enough for any config; vocabularies ask for more. */
export const MAX_CONFIG_BYTES = 4 << 20;

/** Reads a text file of at most `maxBytes`. */
export async function readTextFile(path: string, maxBytes: number): Promise<Result<string>> {
  try {
    const found = await stat(path);
    // A pipe would be waited for without end.
    if (!found.isFile() && !found.isDirectory()) {
      return fail('file.unsupported', `${path} is not a regular file, which is wanted there. Download it again.`);
    }
    const { size } = found;
    if (size > maxBytes) {
      return fail(
        'file.unsupported',
        `${path} has ${size} bytes; at most ${maxBytes} are read here. It is not the file its name says: download it again.`,
      );
    }
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    return fail(explainFileError(path, error));
  }
}

/** Reads a JSON object from a file. Python's bare Infinity, -Infinity and NaN are read too: the infinities as such, NaN as null. */
export async function readJsonFile(path: string, maxBytes: number = MAX_CONFIG_BYTES): Promise<Result<JsonObject>> {
  const text = await readTextFile(path, maxBytes);
  if (!text.ok) return text;
  const parsed = parseJson(text.value.replace(/^\uFEFF/, ''));
  if (parsed === undefined) {
    return fail('model.config', `${path} is not valid JSON. Download it again, or correct it in an editor.`);
  }
  if (!isJsonObject(parsed)) {
    return fail(
      'model.config',
      `${path} holds ${Array.isArray(parsed) ? 'a list' : 'a single value'} where a JSON object is wanted. Download it again.`,
    );
  }
  return ok(parsed);
}

/** True for a JSON object, false for lists, null and plain values. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      // 1e999 is what JSON has for infinity: too large for a double.
      const plain = text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (found) => {
        if (found.startsWith('"')) return found;
        return found === 'NaN' ? 'null' : found.replace('Infinity', '1e999');
      });
      return JSON.parse(plain);
    } catch {
      return undefined;
    }
  }
}
