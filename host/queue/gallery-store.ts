import type { QueueDatabase } from './open-database.ts';
import { keepGraph } from './queue-store.ts';

/** A finished picture with where it came from. */
export interface GalleryPicture {
  readonly id: number;
  readonly runId: string;
  readonly nodeId: string;
  /** Absolute; the file may have been moved since. */
  readonly path: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Decimal, or a list as JSON; null where the graph has none. */
  readonly seed: string | null;
  readonly madeMs: number;
  /** What the run took until then; null where it is not known. */
  readonly durationMs: number | null;
}

/** Every picture that runs finished, newest first. */
export interface GalleryStore {
  add(picture: Omit<GalleryPicture, 'id'>, graph: string): GalleryPicture;
  /** At most `limit`, older than the picture `beforeId`. */
  list(limit: number, beforeId: number | null): GalleryPicture[];
  find(id: number): (GalleryPicture & { readonly graph: string }) | undefined;
  ofRun(runId: string): GalleryPicture[];
  /** Forgets it; the file stays. */
  remove(id: number): void;
}

interface Row {
  readonly id: number;
  readonly run: string;
  readonly node: string;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly graph: string;
  readonly seed: string | null;
  readonly made_ms: number;
  readonly duration_ms: number | null;
}

/** The gallery in an open database. */
export function createGalleryStore(database: QueueDatabase): GalleryStore {
  return {
    add(picture, graph) {
      const { runId, nodeId, path, widthPx, heightPx, seed, madeMs, durationMs } = picture;
      const added = database
        .prepare(
          'INSERT INTO pictures (run, node, path, width, height, graph, seed, made_ms, duration_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(runId, nodeId, path, widthPx, heightPx, keepGraph(database, graph), seed, madeMs, durationMs);
      return { ...picture, id: Number(added.lastInsertRowid) };
    },
    list: (limit, beforeId) =>
      (
        database
          .prepare('SELECT * FROM pictures WHERE id < ? ORDER BY id DESC LIMIT ?')
          .all(beforeId ?? Number.MAX_SAFE_INTEGER, limit) as Row[]
      ).map(pictureOf), // the table's own columns
    find(id) {
      const row = database.prepare('SELECT * FROM pictures WHERE id = ?').get(id) as Row | undefined; // the table's own columns
      if (row === undefined) return undefined;
      const graph = database.prepare('SELECT text FROM graphs WHERE hash = ?').get(row.graph) as { text: string } | undefined; // one column
      return { ...pictureOf(row), graph: graph?.text ?? '' };
    },
    ofRun: (runId) => (database.prepare('SELECT * FROM pictures WHERE run = ? ORDER BY id').all(runId) as Row[]).map(pictureOf), // the table's own columns
    remove(id) {
      database.prepare('DELETE FROM pictures WHERE id = ?').run(id);
    },
  };
}

function pictureOf(row: Row): GalleryPicture {
  return {
    id: row.id,
    runId: row.run,
    nodeId: row.node,
    path: row.path,
    widthPx: row.width,
    heightPx: row.height,
    seed: row.seed,
    madeMs: row.made_ms,
    durationMs: row.duration_ms,
  };
}
