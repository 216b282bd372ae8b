import { createHash } from 'node:crypto';
import { canonicalJson } from '../../graphs/canonical-json.ts';
import type { JournalEntry } from '../../graphs/history.ts';

/** How many entries back it is remembered who added what. */
const REMEMBERED = 256;

/** Who added an entry, and what it was: enough to know it when it is sent again. */
export interface LineAuthor {
  readonly by: string;
  readonly hash: string;
}

/** A line of a document's journal: the entry, when it came and which window sent it. `readJournal` reads it as the entry. */
export function writeAuthoredLine(entry: JournalEntry, at: string, by: string): string {
  return `${canonicalJson({ ...entry, at, by })}\n`;
}

/** What an entry is known by; the time it came is no part of it. */
export function hashEntry(entry: JournalEntry): string {
  const { at: _, ...what } = entry;
  return createHash('sha256').update(canonicalJson(what)).digest('base64url').slice(0, 22);
}

/** The authors of the last entries of a journal. Lines as `readJournal` found them sound, with their entries. */
export function readAuthors(lines: readonly string[], entries: readonly JournalEntry[]): LineAuthor[] {
  const first = Math.max(0, entries.length - REMEMBERED);
  return entries.slice(first).map((entry, at) => {
    const { by }: { by?: unknown } = JSON.parse(lines[first + at] ?? '{}');
    return { by: typeof by === 'string' ? by : '', hash: hashEntry(entry) };
  });
}

/** The last few authors, as many as are remembered. */
export function lastAuthors(authors: readonly LineAuthor[]): readonly LineAuthor[] {
  return authors.slice(-REMEMBERED);
}
