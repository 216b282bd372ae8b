import { mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { type Problem, warning } from '../../nodes/problem.ts';

/** A connection as this folder uses it. */
export type QueueDatabase = InstanceType<typeof Database>;

/** Each entry brings a database of the version before it up to the next. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE graphs (hash TEXT PRIMARY KEY, text TEXT NOT NULL);
   CREATE TABLE runs (
     id TEXT PRIMARY KEY,
     position REAL NOT NULL,
     state TEXT NOT NULL,
     title TEXT NOT NULL,
     graph TEXT NOT NULL,
     request TEXT NOT NULL,
     added_ms INTEGER NOT NULL,
     started_ms INTEGER,
     ended_ms INTEGER,
     problems TEXT NOT NULL DEFAULT '[]'
   );
   CREATE INDEX runs_by_state ON runs (state, position);
   CREATE TABLE pictures (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     run TEXT NOT NULL,
     node TEXT NOT NULL,
     path TEXT NOT NULL,
     width INTEGER NOT NULL,
     height INTEGER NOT NULL,
     graph TEXT NOT NULL,
     seed TEXT,
     made_ms INTEGER NOT NULL,
     duration_ms REAL
   );
   CREATE INDEX pictures_by_run ON pictures (run);
   CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);`,
];

/** A database that is open, and what had to be done for that. */
export interface OpenedDatabase {
  readonly database: QueueDatabase;
  /** The old file was damaged and lies aside; a new one was begun. */
  readonly problem: Problem | undefined;
}

/** Opens the queue's database, made if it is not there; `:memory:` for one that is gone with the process. A damaged file is put aside. */
export function openDatabase(path: string): OpenedDatabase {
  try {
    return { database: openAndMigrate(path), problem: undefined };
  } catch (error) {
    if (path === ':memory:' || !isDamage(error)) throw error;
    const aside = `${path}.damaged-${Date.now()}`;
    renameSync(path, aside);
    const sentence = `The queue and the gallery could not be read, so new ones were begun. The damaged file is kept as ${aside}; the pictures themselves are where they were.`;
    return { database: openAndMigrate(path), problem: warning('file.damaged', sentence) };
  }
}

function openAndMigrate(path: string): QueueDatabase {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = new Database(path);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
    const found = database.prepare('PRAGMA user_version').get() as { user_version: number }; // the pragma gives one row
    for (let version = found.user_version; version < MIGRATIONS.length; version++) {
      database.exec(`BEGIN; ${MIGRATIONS[version]} PRAGMA user_version = ${version + 1}; COMMIT;`);
    }
    database.prepare('SELECT count(*) FROM runs').get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function isDamage(error: unknown): boolean {
  return /not a database|malformed|corrupt|no such table|disk image/i.test(error instanceof Error ? error.message : String(error));
}
