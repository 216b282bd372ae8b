import { carryOut, type EditState, type JournalEntry } from '../../graphs/history.ts';
import { readJournal } from '../../graphs/journal.ts';
import { hasDocumentShape } from '../../graphs/recovery.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import { explainFileError } from '../../models/file-error.ts';
import { fail, ok, type Problem, problem, type Result } from '../../nodes/problem.ts';
import { type JournalFile, openJournal } from './journal-file.ts';
import { hashEntry, type LineAuthor, lastAuthors, writeAuthoredLine } from './journal-line.ts';
import { journalPath, type RecoveredDocument, readGeneration, shortenRecovery } from './recovery-folder.ts';

/** How much a journal may grow beyond twice its shortest before it is shortened again. */
const GROWTH_BYTES = 2 ** 19;

/** What windows that fell behind may still be told without opening the document again. */
const REMEMBERED_LINES = 1000;

/** What came of lines that a window sent. */
export type Appended =
  | { readonly outcome: 'added'; readonly sequence: number }
  | { readonly outcome: 'behind'; readonly sequence: number; readonly missed: string | null };

/** Lines that were added. */
export interface AddedLines {
  readonly client: string;
  readonly after: number;
  readonly sequence: number;
  readonly lines: string;
}

/** A document that is open: its state, kept in step with its journal. One thing happens to it at a time. */
export interface EditSession {
  readonly state: EditState;
  /** Number of the last entry. */
  readonly sequence: number;
  /** Adds a window's lines after the entry it has seen last; resolves when they are on the disk. */
  append(client: string, after: number, lines: string): Promise<Result<Appended>>;
  /** What a window needs to rebuild the document, and up to which entry. */
  read(): Promise<{ readonly base: string; readonly journal: string; readonly sequence: number }>;
  /** Does something between two changes. */
  exclusively<T>(act: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What a session tells. */
export interface SessionListener {
  /** Before it is certain to survive a power cut; a killed process can't take it back. */
  onAdded(added: AddedLines): void;
  onProblem(problem: Problem): void;
}

/** Opens a session over a document that was read from its recovery folder. Rejects with the system's error. */
export async function openEditSession(folder: string, recovered: RecoveredDocument, listener: SessionListener): Promise<EditSession> {
  let { state, sequence, generation } = recovered;
  let authors: readonly LineAuthor[] = recovered.authors;
  let journal: JournalFile = await openJournal(journalPath(folder, generation), recovered.journalBytes);
  /** What the journal had when it was last shortened, in this process. */
  let shortBytes = 0;
  /** The last lines, ending with number `sequence`. */
  let recent: string[] = [];
  let last: Promise<unknown> = Promise.resolve();

  const exclusively = <T>(act: () => Promise<T>): Promise<T> => {
    const next = last.then(act);
    last = next.catch(() => undefined);
    return next;
  };

  /** How many of the entries are known already, from this very window and in this place; undefined: something else is there. */
  const countKnown = (client: string, after: number, entries: readonly JournalEntry[]): number | undefined => {
    const behind = sequence - after;
    if (behind === 0) return 0;
    const there = behind > 0 && behind <= authors.length ? authors.slice(authors.length - behind) : [];
    const common = Math.min(there.length, entries.length);
    for (let at = 0; at < common; at++) {
      const entry = entries[at];
      if (entry === undefined || there[at]?.by !== client || there[at]?.hash !== hashEntry(entry)) return undefined;
    }
    return common === 0 ? undefined : common;
  };

  const isLong = (): boolean => journal.bytes > 2 * shortBytes + GROWTH_BYTES;
  const shorten = async (): Promise<void> => {
    const shortened = await shortenRecovery(folder, generation, state, { sequence, authors });
    if (shortened === undefined) {
      // Not tried again before it has grown as much once more.
      shortBytes = journal.bytes;
      return;
    }
    const before = journal;
    journal = await openJournal(journalPath(folder, shortened.generation), shortened.journalBytes);
    ({ generation } = shortened);
    shortBytes = shortened.journalBytes;
    await before.close();
  };

  const append = async (client: string, after: number, text: string): Promise<Result<Appended>> => {
    const { entries, intact } = readJournal(text);
    if (intact !== text) {
      return fail(
        'contract.invalid',
        `Entry ${entries.length + 1} that the window sent is no journal line. The window and the host may be of different versions.`,
      );
    }
    if (after > sequence) {
      return fail(
        'contract.invalid',
        `The window has seen ${after} entries of this document, and there are ${sequence}. Open the document again.`,
      );
    }
    const known = countKnown(client, after, entries);
    const isNext = known !== undefined && after + known === sequence;
    if (known === entries.length && known > 0) return ok({ outcome: 'added', sequence: after + known });
    if (!isNext) {
      const missed = sequence - after;
      return ok({ outcome: 'behind', sequence, missed: missed <= recent.length ? recent.slice(-missed).join('') : null });
    }
    const fresh = entries.slice(known);
    const next = carryOutAll(state, fresh);
    if (!next.ok) return next;
    const at = new Date().toISOString();
    const lines = fresh.map((entry) => writeAuthoredLine(entry, at, client));
    try {
      await journal.write(lines.join(''));
    } catch (error) {
      return fail(explainJournalError(error));
    }
    const before = sequence;
    state = next.value;
    sequence += fresh.length;
    authors = lastAuthors([...authors, ...fresh.map((entry) => ({ by: client, hash: hashEntry(entry) }))]);
    recent = [...recent, ...lines].slice(-REMEMBERED_LINES);
    if (fresh.length > 0) listener.onAdded({ client, after: before, sequence, lines: lines.join('') });
    return ok({ outcome: 'added', sequence });
  };

  return {
    get state() {
      return state;
    },
    get sequence() {
      return sequence;
    },
    exclusively,
    async append(client, after, text) {
      let synced: Promise<void> | undefined;
      const appended = await exclusively(async () => {
        const result = await append(client, after, text);
        synced = journal.sync();
        return result;
      });
      try {
        await synced;
      } catch (error) {
        return fail(explainJournalError(error));
      }
      if (isLong()) {
        void exclusively(async () => {
          if (isLong()) await shorten();
        }).catch((error: unknown) => listener.onProblem({ ...explainJournalError(error), severity: 'warning' }));
      }
      return appended;
    },
    read: () => exclusively(async () => ({ ...(await readGeneration(folder, generation)), sequence })),
    async close() {
      await exclusively(() => journal.close());
    },
  };
}

function carryOutAll(from: EditState, entries: readonly JournalEntry[]): Result<EditState> {
  let state = from;
  for (const entry of entries) {
    const next = carryOut(state, entry);
    if (!next.ok) return next;
    state = next.value.state;
  }
  const { format, version } = from.document;
  const isGraph = state.document.format === format && state.document.version === version && hasDocumentShape(state.document);
  if (!isGraph) return fail('graph.commandRefused', 'The change would leave something that is no graph. It was not made.');
  return ok(state);
}

/** The one spelling of a session's document. */
export function textOf(session: EditSession): string {
  return writeGraph(session.state.document);
}

function explainJournalError(error: unknown): Problem {
  const { code } = explainFileError('journal', error);
  return code === 'file.diskFull'
    ? problem(code, 'The disk is full, so the last change could not be kept for recovery. Free some space, then go on.')
    : problem(
        'file.writeFailed',
        'The last change could not be kept for recovery: the disk refuses to be written. Save the document elsewhere.',
      );
}
