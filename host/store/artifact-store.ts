import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { explainFileError } from '../../models/file-error.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { EncodedPicture } from '../run-events.ts';

/** 128 bits that nobody can guess: who has an artifact's id may read it. */
const ID_BYTES = 16;

/** Ids that are remembered; a file's entry is small, but a server runs for months. */
const MOST_ENTRIES = 20_000;

const MIME_BY_EXTENSION: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.jpg': 'image/jpeg',
  '.safetensors': 'application/octet-stream',
};

/** What is known of an artifact without reading it. */
export interface Artifact {
  readonly id: string;
  readonly name: string;
  readonly mime: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What runs left behind, by ids that can't be guessed. Files stay where they are; pictures in memory are bounded, oldest go first. */
export interface ArtifactStore {
  addFile(path: string, widthPx: number, heightPx: number): Artifact;
  addPicture(name: string, picture: EncodedPicture): Artifact;
  has(id: string): boolean;
  /** The file an artifact is; undefined where it is none, or is not known any more. */
  findFile(id: string): string | undefined;
  read(id: string): Promise<Result<{ readonly mime: string; readonly name: string; readonly bytes: Uint8Array }>>;
}

/** An empty store; `maxBytes` bounds the pictures held in memory. */
export function createArtifactStore(maxBytes: number): ArtifactStore {
  const entries = new Map<string, Artifact & { readonly source: { readonly path: string } | { readonly bytes: Uint8Array } }>();
  let heldBytes = 0;
  const add = (
    name: string,
    mime: string,
    widthPx: number,
    heightPx: number,
    source: { path: string } | { bytes: Uint8Array },
  ): Artifact => {
    const id = randomBytes(ID_BYTES).toString('base64url');
    entries.set(id, { id, name, mime, widthPx, heightPx, source });
    if ('bytes' in source) heldBytes += source.bytes.length;
    for (const [oldest, entry] of entries) {
      const isFull = entries.size > MOST_ENTRIES;
      if ((heldBytes <= maxBytes && !isFull) || oldest === id) break;
      if ('bytes' in entry.source) heldBytes -= entry.source.bytes.length;
      else if (!isFull) continue;
      entries.delete(oldest);
    }
    return { id, name, mime, widthPx, heightPx };
  };
  return {
    addFile: (path, widthPx, heightPx) =>
      add(basename(path), MIME_BY_EXTENSION[extname(path).toLowerCase()] ?? 'application/octet-stream', widthPx, heightPx, { path }),
    addPicture: (name, picture) => add(name, picture.mime, picture.widthPx, picture.heightPx, { bytes: picture.bytes }),
    has: (id) => entries.has(id),
    findFile(id) {
      const source = entries.get(id)?.source;
      return source !== undefined && 'path' in source ? source.path : undefined;
    },
    async read(id) {
      const entry = entries.get(id);
      if (entry === undefined) return fail('file.missing', 'There is no such picture any more. Run the graph again.');
      const { mime, name, source } = entry;
      if ('bytes' in source) return ok({ mime, name, bytes: source.bytes });
      try {
        return ok({ mime, name, bytes: new Uint8Array(await readFile(source.path)) });
      } catch (error) {
        const found = explainFileError(name, error);
        if (found.code !== 'file.missing') return fail(found);
        return fail('file.missing', `The file ${name} is not where the run put it any more: it was moved or deleted.`);
      }
    },
  };
}
