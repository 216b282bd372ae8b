import { copyFile, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { GraphDocument } from '../../graphs/document.ts';
import { carryOut, type EditState, type JournalEntry, startEditing } from '../../graphs/history.ts';
import { readJournal, writeJournalLine } from '../../graphs/journal.ts';
import { readBase, shortenHistory } from '../../graphs/recovery.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import { fail, ok, type Problem, type Result, warning } from '../../nodes/problem.ts';
import { makeFolder } from '../store/make-folder.ts';
import { hashEntry, type LineAuthor, lastAuthors, readAuthors } from './journal-line.ts';
import { replaceFile } from './replace-file.ts';

/*
 * A document's recovery folder holds `base-N.json` (one line about it, then the graph that the journal begins with) and
 * `journal-N.jsonl`. To shorten the journal both are written anew under the next number; the base comes last, and with it they count.
 */
const BASE_NAME = /^base-(\d{1,15})\.json$/;
const headerSchema = z.object({
  recovery: z.literal(1),
  /** Number of the last entry that had been added when this base was written. */
  sequence: z.number().int().min(0),
  /** Lines the journal began with: the history so far, shortened. */
  lines: z.number().int().min(0),
  authors: z.array(z.object({ by: z.string(), hash: z.string() })),
});

/** A document as its recovery folder has it. */
export interface RecoveredDocument {
  readonly generation: number;
  readonly state: EditState;
  readonly sequence: number;
  /** Of the last entries, up to `sequence`. */
  readonly authors: readonly LineAuthor[];
  readonly journalBytes: number;
  readonly problems: readonly Problem[];
}

/** Where the journal of a generation lies. */
export function journalPath(folder: string, generation: number): string {
  return join(folder, `journal-${generation}.jsonl`);
}

/** Begins the recovery folder of a new document. */
export async function beginRecovery(folder: string, document: GraphDocument): Promise<RecoveredDocument> {
  await makeFolder(folder);
  return writeGeneration(folder, 0, startEditing(document), { base: document, entries: [] }, { sequence: 0, authors: [] });
}

/** The base and the journal of a generation, as texts. */
export async function readGeneration(folder: string, generation: number): Promise<{ readonly base: string; readonly journal: string }> {
  const file = await readFile(basePath(folder, generation), 'utf8');
  return { base: file.slice(file.indexOf('\n') + 1), journal: await readFile(journalPath(folder, generation), 'utf8') };
}

/** How many entries a recovery folder holds and when the last came, without rebuilding anything; undefined when nothing is in it. */
export async function peekRecovery(folder: string): Promise<{ readonly sequence: number; readonly changedMs: number } | undefined> {
  const [generation] = await listGenerations(folder);
  if (generation === undefined) return undefined;
  const base = await readFile(basePath(folder, generation), 'utf8').catch(() => '');
  const header = readHeader(base.slice(0, Math.max(0, base.indexOf('\n'))));
  const path = journalPath(folder, generation);
  const lines = (await readFile(path, 'latin1').catch(() => '')).split('\n').length - 1;
  const changed = await stat(path).catch(() => undefined);
  return { sequence: (header?.sequence ?? 0) + Math.max(0, lines - (header?.lines ?? 0)), changedMs: changed?.mtimeMs ?? 0 };
}

/**
 * Rebuilds a document and its history. Whatever a crash or a bad disk has left is read as far as it goes; a damaged journal is kept
 * beside the mended one. Refused only when there is no base that can be read.
 */
export async function readRecoveryFolder(folder: string): Promise<Result<RecoveredDocument>> {
  const generations = await listGenerations(folder);
  const problems: Problem[] = [];
  for (const generation of generations) {
    const found = await readFile(basePath(folder, generation), 'utf8').catch(() => '');
    const header = readHeader(found.slice(0, Math.max(0, found.indexOf('\n'))));
    const base = readBase(found.slice(found.indexOf('\n') + 1));
    if (header !== undefined && base.ok) return ok(await replay(folder, generation, header, base.value, problems));
    problems.push(warning('file.damaged', 'The newest recovery copy is damaged; an older one was used. The last edits are lost.'));
  }
  return fail(
    'file.damaged',
    `The recovery copy in ${folder} can't be read: ${generations.length > 0 ? 'it is damaged' : 'it is not there'}.`,
  );
}

async function replay(
  folder: string,
  generation: number,
  header: z.infer<typeof headerSchema>,
  base: GraphDocument,
  earlier: readonly Problem[],
): Promise<RecoveredDocument> {
  const bytes = await readFile(journalPath(folder, generation)).catch(() => Buffer.alloc(0));
  const text = bytes.toString('utf8');
  const { entries, intact, problems: found } = readJournal(text);
  const problems = [...earlier, ...found];
  let state = startEditing(base);
  const carried: JournalEntry[] = [];
  for (const entry of entries) {
    const next = carryOut(state, entry);
    if (!next.ok) {
      const sentence = `The recovery journal can be followed up to entry ${carried.length} of ${entries.length}: ${next.problem.message}`;
      problems.push(warning('file.damaged', sentence));
      break;
    }
    state = next.value.state;
    carried.push(entry);
  }
  const lines = intact.split('\n');
  const added = Math.max(0, carried.length - header.lines);
  const own = readAuthors(lines.slice(header.lines, header.lines + added), carried.slice(header.lines));
  let authors = lastAuthors([...header.authors, ...own]);
  let sequence = header.sequence + added;
  // Fewer lines than the base was written with are a damage that no line shows.
  const isShort = carried.length < header.lines;
  if (isShort && problems.length === 0)
    problems.push(warning('file.damaged', 'A part of the recovery journal is missing; later edits are lost.'));
  const isSound = intact === text && Buffer.byteLength(text) === bytes.length;
  const isWhole = isSound && carried.length === entries.length && state.gesture === undefined && !isShort && earlier.length === 0;
  if (isWhole) {
    // A process that was killed while it wrote them anew may have left the ones before.
    await dropOthers(folder, generation);
    return { generation, state, sequence, authors, journalBytes: bytes.length, problems };
  }
  if (problems.length > 0) await keepDamaged(folder, generation);
  if (state.gesture !== undefined) {
    const close: JournalEntry = { kind: 'squash', label: state.gesture.entries.at(-1)?.label ?? 'Recovered edit' };
    const closed = carryOut(state, close);
    if (closed.ok) state = closed.value.state;
    carried.push(close);
    // Counted as an entry, so that a window that still is in the middle of its gesture learns that it has missed something.
    sequence += 1;
    authors = [...authors, { by: '', hash: hashEntry(close) }];
  }
  const journal = shortenHistory(state) ?? { base, entries: carried };
  const mended = await writeGeneration(folder, await nextGeneration(folder, generation), state, journal, { sequence, authors });
  return { ...mended, problems };
}

/** Writes base and journal anew, as short as they can be, and forgets the ones before. Undefined: not in the middle of a gesture. */
export async function shortenRecovery(
  folder: string,
  generation: number,
  state: EditState,
  at: { readonly sequence: number; readonly authors: readonly LineAuthor[] },
): Promise<RecoveredDocument | undefined> {
  const journal = shortenHistory(state);
  return journal && writeGeneration(folder, generation + 1, state, journal, at);
}

async function writeGeneration(
  folder: string,
  generation: number,
  state: EditState,
  journal: { readonly base: GraphDocument; readonly entries: readonly JournalEntry[] },
  { sequence, authors }: { readonly sequence: number; readonly authors: readonly LineAuthor[] },
): Promise<RecoveredDocument> {
  const text = journal.entries.map(writeJournalLine).join('');
  const header: z.infer<typeof headerSchema> = { recovery: 1, sequence, lines: journal.entries.length, authors: [...lastAuthors(authors)] };
  await replaceFile(journalPath(folder, generation), text, 0o600);
  await replaceFile(basePath(folder, generation), `${JSON.stringify(header)}\n${writeGraph(journal.base)}`, 0o600);
  await dropOthers(folder, generation);
  return { generation, state, sequence, authors, journalBytes: Buffer.byteLength(text), problems: [] };
}

/** Newest first. */
async function listGenerations(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .flatMap((name) => BASE_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

/** Leftovers may bear higher numbers than the generation that could be read. */
async function nextGeneration(folder: string, atLeast: number): Promise<number> {
  const taken = (await readdir(folder)).map((name) => Number(/^(?:base|journal)-(\d{1,15})\./.exec(name)?.[1] ?? 0));
  return Math.max(atLeast, ...taken) + 1;
}

async function dropOthers(folder: string, generation: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, number, isPartial] = /^(?:(?:base|journal)-(\d{1,15})\.jsonl?|(\.emulsion-.*\.partial))$/.exec(name) ?? [];
    if (isPartial === undefined && (number === undefined || Number(number) === generation)) continue;
    await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

/** A copy: the journal itself stays until a mended one has taken its place. */
async function keepDamaged(folder: string, generation: number): Promise<void> {
  const path = journalPath(folder, generation);
  await copyFile(path, `${path}.damaged`).catch(() => undefined);
}

function basePath(folder: string, generation: number): string {
  return join(folder, `base-${generation}.json`);
}

function readHeader(line: string): z.infer<typeof headerSchema> | undefined {
  try {
    const header = headerSchema.safeParse(JSON.parse(line));
    return header.success ? header.data : undefined;
  } catch {
    return undefined;
  }
}
