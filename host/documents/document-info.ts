import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from './replace-file.ts';

const INFO = 'info.json';

const infoSchema = z.object({
  version: z.literal(1),
  title: z.string(),
  /** Absolute; null: it has no file yet. */
  path: z.string().nullable(),
  /** Hash of the file's bytes when they were last read or written here. */
  fileHash: z.string().nullable(),
  /** Hash of the document's text when it was opened or saved; null: never. */
  savedHash: z.string().nullable(),
  /** How many entries there were then. */
  savedSequence: z.number().int().min(0).nullable(),
});

/** What is remembered of a document beside what is in it. */
export type DocumentInfo = z.infer<typeof infoSchema>;

/** Reads what is remembered of the document in a recovery folder; what can't be read is as if it had no file. */
export async function readInfo(folder: string): Promise<DocumentInfo> {
  try {
    return infoSchema.parse(JSON.parse(await readFile(join(folder, INFO), 'utf8')));
  } catch {
    return { version: 1, title: 'Recovered', path: null, fileHash: null, savedHash: null, savedSequence: null };
  }
}

/** Remembers it. */
export function writeInfo(folder: string, info: DocumentInfo): Promise<void> {
  return replaceFile(join(folder, INFO), `${JSON.stringify(info, null, 2)}\n`, 0o600);
}

/** The hash that contents are compared by. */
export function hashContent(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
