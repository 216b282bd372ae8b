import type { Drawing } from './drawing.ts';
import type { DrawingUse } from './paint.ts';

/** Their sheets hold pixels. */
const MOST_KEPT = 8;

/** Drawings that were used in this window, so that drawing can go on where it ended: lines can still be erased, and steps undone. */
export interface KeptDrawings {
  find(use: DrawingUse, file: string): Drawing | undefined;
  keep(use: DrawingUse, file: string, drawing: Drawing): void;
}

/** None; the last few are kept. */
export function createKeptDrawings(): KeptDrawings {
  const kept = new Map<string, Drawing>();
  const keyOf = (use: DrawingUse, file: string): string => `${use} ${file}`;
  return {
    find: (use, file) => kept.get(keyOf(use, file)),
    keep(use, file, drawing) {
      kept.delete(keyOf(use, file));
      kept.set(keyOf(use, file), drawing);
      for (const oldest of kept.keys()) {
        if (kept.size <= MOST_KEPT) break;
        kept.delete(oldest);
      }
    },
  };
}
