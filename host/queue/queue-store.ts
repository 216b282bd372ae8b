import { createHash } from 'node:crypto';
import type { Problem } from '../../nodes/problem.ts';
import type { QueueDatabase } from './open-database.ts';

/** Where an entry of the queue stands. `paused`: it waits, and is passed over until it is resumed. */
export type QueueState = 'waiting' | 'paused' | 'running' | 'done' | 'failed' | 'cancelled';

/** One run, waiting, going on or over. */
export interface QueueEntry {
  readonly id: string;
  readonly state: QueueState;
  readonly title: string;
  readonly addedMs: number;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  readonly problems: readonly Problem[];
}

/** An entry with what it takes to run it. */
export interface QueuedRun extends QueueEntry {
  readonly graph: string;
  /** How it was asked for; plain JSON. */
  readonly request: unknown;
}

/** The queue on disk. Every change is there when the call returns. */
export interface QueueStore {
  list(): QueueEntry[];
  find(id: string): QueuedRun | undefined;
  /** The first entry that waits. */
  next(): QueuedRun | undefined;
  add(run: {
    readonly id: string;
    readonly title: string;
    readonly graph: string;
    readonly request: unknown;
    readonly addedMs: number;
  }): void;
  setState(
    id: string,
    state: QueueState,
    change?: { startedMs?: number | null; endedMs?: number | null; problems?: readonly Problem[] },
  ): void;
  /** Puts an entry before another one, or last. */
  move(id: string, beforeId: string | null): void;
  remove(id: string): void;
  /** Forgets the oldest of the entries that are over, beyond a number. */
  trim(kept: number): void;
  getSetting(name: string): string | undefined;
  setSetting(name: string, value: string): void;
}

interface Row {
  readonly id: string;
  readonly position: number;
  readonly state: QueueState;
  readonly title: string;
  readonly graph: string;
  readonly request: string;
  readonly added_ms: number;
  readonly started_ms: number | null;
  readonly ended_ms: number | null;
  readonly problems: string;
}

/** Keeps a graph's text once, however often it is run; returns the name it goes by. */
export function keepGraph(database: QueueDatabase, text: string): string {
  const hash = createHash('sha256').update(text).digest('hex');
  database.prepare('INSERT OR IGNORE INTO graphs (hash, text) VALUES (?, ?)').run(hash, text);
  return hash;
}

/** The queue in an open database. */
export function createQueueStore(database: QueueDatabase): QueueStore {
  const rowOf = (id: string): Row | undefined => database.prepare('SELECT * FROM runs WHERE id = ?').get(id) as Row | undefined; // the table's own columns
  const full = (row: Row | undefined): QueuedRun | undefined => {
    if (row === undefined) return undefined;
    const graph = database.prepare('SELECT text FROM graphs WHERE hash = ?').get(row.graph) as { text: string } | undefined; // one column
    return { ...entryOf(row), graph: graph?.text ?? '', request: JSON.parse(row.request) };
  };
  return {
    list: () => (database.prepare('SELECT * FROM runs ORDER BY position').all() as Row[]).map(entryOf), // the table's own columns
    find: (id) => full(rowOf(id)),
    next: () => full(database.prepare("SELECT * FROM runs WHERE state = 'waiting' ORDER BY position LIMIT 1").get() as Row | undefined), // the table's own columns
    add({ id, title, graph, request, addedMs }) {
      database
        .prepare(
          `INSERT INTO runs (id, position, state, title, graph, request, added_ms)
           VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM runs), 'waiting', ?, ?, ?, ?)`,
        )
        .run(id, title, keepGraph(database, graph), JSON.stringify(request), addedMs);
    },
    setState(id, state, change = {}) {
      const row = rowOf(id);
      if (row === undefined) return;
      const { startedMs = row.started_ms, endedMs = row.ended_ms, problems } = change;
      database
        .prepare('UPDATE runs SET state = ?, started_ms = ?, ended_ms = ?, problems = ? WHERE id = ?')
        .run(state, startedMs, endedMs, problems === undefined ? row.problems : JSON.stringify(problems), id);
    },
    move(id, beforeId) {
      database.prepare('UPDATE runs SET position = ? WHERE id = ?').run(placeBefore(database, id, beforeId), id);
    },
    remove(id) {
      database.prepare('DELETE FROM runs WHERE id = ?').run(id);
      dropUnusedGraphs(database);
    },
    trim(kept) {
      database
        .prepare(
          `DELETE FROM runs WHERE id IN (
             SELECT id FROM runs WHERE state IN ('done', 'failed', 'cancelled') ORDER BY ended_ms DESC LIMIT -1 OFFSET ?)`,
        )
        .run(kept);
      dropUnusedGraphs(database);
    },
    getSetting: (name) => (database.prepare('SELECT value FROM settings WHERE name = ?').get(name) as { value: string } | undefined)?.value, // one column
    setSetting(name, value) {
      database
        .prepare('INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value')
        .run(name, value);
    },
  };
}

function entryOf(row: Row): QueueEntry {
  return {
    id: row.id,
    state: row.state,
    title: row.title,
    addedMs: row.added_ms,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
    problems: JSON.parse(row.problems),
  };
}

/** Halfway between the entry and the one before it; positions are real numbers so that moving one entry changes one row. */
function placeBefore(database: QueueDatabase, id: string, beforeId: string | null): number {
  const one = (sql: string, ...values: unknown[]): number | null =>
    (database.prepare(sql).get(...values) as { place: number | null } | undefined)?.place ?? null; // one column
  const at = beforeId === null ? null : one('SELECT position AS place FROM runs WHERE id = ?', beforeId);
  if (at === null) return (one('SELECT max(position) AS place FROM runs') ?? 0) + 1;
  const before = one('SELECT max(position) AS place FROM runs WHERE position < ? AND id <> ?', at, id);
  return before === null ? at - 1 : (before + at) / 2;
}

function dropUnusedGraphs(database: QueueDatabase): void {
  database.exec('DELETE FROM graphs WHERE hash NOT IN (SELECT graph FROM runs) AND hash NOT IN (SELECT graph FROM pictures)');
}
