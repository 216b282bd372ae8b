import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const state = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(200).max(20_000),
  height: z.number().int().min(200).max(20_000),
  isMaximized: z.boolean(),
});

/** Where a window was, in the screen's own pixels. */
export type WindowState = z.infer<typeof state>;

/** Where a window is to be; without x and y, where the system puts it. */
export type WindowPlace = Omit<WindowState, 'x' | 'y'> & { readonly x?: number; readonly y?: number };

/** A part of the desktop that can be seen. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** So much of a window must be on a screen for a person to get hold of it. */
const LEAST_VISIBLE_PX = 80;

/** What was written last; undefined where nothing usable was. */
export function readWindowState(path: string): WindowState | undefined {
  try {
    return state.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined; // the first start, or a file that nobody misses
  }
}

/** Writes it whole or not at all. That it can't be written is not worth a word. */
export function writeWindowState(path: string, now: WindowState): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, `${JSON.stringify(now)}\n`);
    renameSync(`${path}.new`, path);
  } catch {
    // The next window opens where the system puts it.
  }
}

/** The state without a place that no screen shows: screens come and go between two starts. */
export function fitToScreens(saved: WindowState, screens: readonly Area[]): WindowPlace {
  const visible = (area: Area): boolean =>
    Math.min(saved.x + saved.width, area.x + area.width) - Math.max(saved.x, area.x) >= LEAST_VISIBLE_PX &&
    saved.y >= area.y - 1 &&
    saved.y <= area.y + area.height - LEAST_VISIBLE_PX;
  if (screens.some(visible)) return saved;
  const { width, height, isMaximized } = saved;
  return { width, height, isMaximized };
}
