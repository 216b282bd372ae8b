import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { nearestNames } from '../../graphs/nearest-names.ts';
import { hashFile } from '../../models/fingerprint.ts';
import type { ModelReference } from '../../nodes/facts.ts';
import type { ListedModel } from '../list-models.ts';

/** A hash reads the whole file; what one question may read takes a few seconds on a slow disk. */
const MAX_READ_BYTES = 4 * 2 ** 30;
const MOST_SUGGESTIONS = 10;

/** A model that may be meant, and why. */
export interface ModelSuggestion {
  readonly name: string;
  readonly label: string;
  readonly family: string;
  readonly bundled: boolean;
  readonly because: 'hash' | 'name' | 'family';
}

/** Finds what may be meant by a reference to a model that is not where it should be. */
export interface ModelSuggester {
  /** Best first. `unread`: so many files may still turn out to be the very one; asking again reads more of them. */
  suggest(reference: ModelReference, models: readonly ListedModel[]): Promise<{ suggestions: ModelSuggestion[]; unread: number }>;
}

/** A suggester that remembers hashes of files for as long as they stay the same. */
export function createModelSuggester(maxReadBytes: number = MAX_READ_BYTES): ModelSuggester {
  const hashes = new Map<string, { readonly stamp: string; readonly hash: string }>();

  /** The hash of a single file; undefined for folders, for what can't be read, and when it would cost more than is left. */
  const hashOf = async (path: string, budget: { bytes: number; unread: number }): Promise<string | undefined> => {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || !found.isFile()) return undefined;
    const stamp = `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
    const known = hashes.get(path);
    if (known?.stamp === stamp) return known.hash;
    if (budget.bytes <= 0) {
      budget.unread += 1;
      return undefined;
    }
    budget.bytes -= found.size;
    const hash = await hashFile(path);
    if (!hash.ok) return undefined;
    hashes.set(path, { stamp, hash: hash.value });
    return hash.value;
  };

  return {
    async suggest(reference, models) {
      const { name, sha256, family } =
        typeof reference === 'string' ? { name: reference, sha256: undefined, family: undefined } : reference;
      const near = nearestNames(
        stemOf(name),
        models.map((model) => stemOf(model.name)),
        MOST_SUGGESTIONS,
      );
      const byName = models
        .filter((model) => near.includes(stemOf(model.name)))
        .sort((a, b) => near.indexOf(stemOf(a.name)) - near.indexOf(stemOf(b.name)));
      const byFamily = family === undefined ? [] : models.filter((model) => model.family === family);
      const budget = { bytes: maxReadBytes, unread: 0 };
      const byHash: ListedModel[] = [];
      if (sha256 !== undefined) {
        // The likeliest are read first.
        for (const model of new Set([...byName, ...byFamily, ...models])) {
          if ((await hashOf(model.path, budget)) === sha256.toLowerCase()) byHash.push(model);
        }
      }
      const suggestions = new Map<string, ModelSuggestion>();
      const add = (those: readonly ListedModel[], because: ModelSuggestion['because']): void => {
        for (const { path, name: found, label, family: ofFamily, bundled } of those) {
          if (!suggestions.has(path)) suggestions.set(path, { name: found, label, family: ofFamily, bundled, because });
        }
      };
      add(byHash, 'hash');
      // A file of another family can't take its place, whatever it is called.
      add(family === undefined ? byName : byName.filter((model) => model.family === family), 'name');
      add(byFamily, 'family');
      return { suggestions: [...suggestions.values()].slice(0, MOST_SUGGESTIONS), unread: byHash.length > 0 ? 0 : budget.unread };
    },
  };
}

/** What people recognise a model by, whatever folder it is in. */
function stemOf(name: string): string {
  const last = basename(join('/', name.replaceAll('\\', '/')));
  return basename(last, /^\.(safetensors|ckpt|pt|pth|gguf|onnx)$/i.test(extname(last)) ? extname(last) : '');
}
