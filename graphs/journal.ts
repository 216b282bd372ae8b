import { z } from 'zod';
import { type Problem, warning } from '../nodes/problem.ts';
import { canonicalJson } from './canonical-json.ts';
import { explainNotJson } from './check-json.ts';
import type { GraphDocument } from './document.ts';
import { carryOut, type EditState, HISTORY_LIMIT, type JournalEntry, startEditing } from './history.ts';

const patch = z.object({
  op: z.enum(['add', 'replace', 'remove']),
  path: z.array(z.union([z.string(), z.number()])),
  value: z.unknown().optional(),
});
const at = z.string().optional();
const entrySchema = z.discriminatedUnion('kind', [
  z.object({
    at,
    kind: z.literal('commit'),
    label: z.string(),
    patches: z.array(patch),
    inverse: z.array(patch),
    into: z.enum(['new', 'last', 'none']),
  }),
  z.object({ at, kind: z.enum(['undo', 'redo', 'mark', 'bail']) }),
  z.object({ at, kind: z.literal('squash'), label: z.string() }),
]);

/** A journal entry as one line of a journal file, newline included. */
export function writeJournalLine(entry: JournalEntry): string {
  return `${canonicalJson(entry)}\n`;
}

/** What a journal file holds. */
export interface ReadJournal {
  readonly entries: readonly JournalEntry[];
  /** The part of the text that is sound: cut the file to it before appending, or a torn line would spoil the next one. */
  readonly intact: string;
  readonly problems: readonly Problem[];
}

/**
 * Reads a journal file. A last line that a crash tore in two is left out in silence: that edit was never finished. A bad line
 * before the end is told, and what follows it is left out too, since it builds on it.
 */
export function readJournal(text: string): ReadJournal {
  const entries: JournalEntry[] = [];
  let start = 0;
  for (let end = text.indexOf('\n', start); end !== -1; end = text.indexOf('\n', start)) {
    const entry = readLine(text.slice(start, end));
    if (entry === undefined) {
      const sentence = `The recovery journal is damaged at entry ${entries.length + 1}; later edits are lost. Earlier ones were recovered.`;
      return { entries, intact: text.slice(0, start), problems: [warning('file.damaged', sentence)] };
    }
    entries.push(entry);
    start = end + 1;
  }
  return { entries, intact: text.slice(0, start), problems: [] };
}

function readLine(line: string): JournalEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (explainNotJson(value) !== undefined) return undefined;
  const checked = entrySchema.safeParse(value);
  return checked.success ? (checked.data as JournalEntry) : undefined; // the schema spells JournalEntry out
}

/** What came of replaying a journal. */
export interface ReplayedJournal {
  readonly state: EditState;
  /** What the replay had to add (the end of a gesture that the crash cut short): append it to the journal. */
  readonly append: readonly JournalEntry[];
  readonly problems: readonly Problem[];
}

/**
 * Rebuilds a document and its history from the document the journal began with. An entry that does not fit ends the replay with a
 * warning. A gesture that was under way is closed as one entry: what was committed stays.
 */
export function replayJournal(document: GraphDocument, entries: readonly JournalEntry[], limit: number = HISTORY_LIMIT): ReplayedJournal {
  let state = startEditing(document, limit);
  const problems: Problem[] = [];
  for (const [index, entry] of entries.entries()) {
    const next = carryOut(state, entry);
    if (!next.ok) {
      const sentence = `The recovery journal can be followed up to entry ${index} of ${entries.length}: ${next.problem.message}`;
      problems.push(warning('file.damaged', sentence));
      break;
    }
    state = next.value.state;
  }
  if (state.gesture === undefined) return { state, append: [], problems };
  const close: JournalEntry = { kind: 'squash', label: state.gesture.entries.at(-1)?.label ?? 'Recovered edit' };
  const closed = carryOut(state, close);
  return closed.ok ? { state: closed.value.state, append: [close], problems } : { state, append: [], problems };
}
