import { canonicalJson } from '../../graphs/canonical-json.ts';
import type { JournalEntry } from '../../graphs/history.ts';
import { readJournal } from '../../graphs/journal.ts';

/** An entry of the host's journal and the window that made it. */
export interface AuthoredEntry {
  readonly entry: JournalEntry;
  readonly by: string;
}

/** Reads lines of the host's journal; what follows a damaged line is left out. */
export function readAuthoredLines(text: string): AuthoredEntry[] {
  const { entries, intact } = readJournal(text);
  const lines = intact.split('\n');
  return entries.map((entry, at) => ({ entry, by: authorOf(lines[at] ?? '{}') }));
}

/** True when two entries are the same change, whenever they came. */
export function isSameEntry(a: JournalEntry, b: JournalEntry): boolean {
  return canonicalJson({ ...a, at: '' }) === canonicalJson({ ...b, at: '' });
}

function authorOf(line: string): string {
  const { by }: { by?: unknown } = JSON.parse(line);
  return typeof by === 'string' ? by : '';
}
