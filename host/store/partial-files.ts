import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAlive } from './is-alive.ts';

/** `.emulsion-PROCESS-RANDOM.partial`: hidden, and tells whose it is. */
const PARTIAL_NAME = /^\.emulsion-(\d+)-[0-9a-f-]+\.partial$/;
const DUMP_ENDING = /^\.[0-9a-f-]{36}\.partial$/;

/** A name for a picture while this process writes it. */
export function partialFileName(): string {
  return `.emulsion-${process.pid}-${randomUUID()}.partial`;
}

/** Deletes what processes that are gone, or the one given, left half-written in a folder. */
export async function dropPartialFiles(folder: string, deadPid?: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = PARTIAL_NAME.exec(name)?.[1];
    if (pid === undefined || (Number(pid) !== deadPid && isAlive(Number(pid)))) continue;
    // A folder that can't be written to keeps its leftovers; saving into it will say what is wrong.
    await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

/** Deletes what a process that is gone left of a safetensors file that was to be written at this path. */
export async function dropPartialDumps(path: string): Promise<void> {
  const folder = dirname(path);
  const name = basename(path);
  for (const other of await readdir(folder).catch(() => [])) {
    if (other.startsWith(name) && DUMP_ENDING.test(other.slice(name.length)))
      await rm(join(folder, other), { force: true }).catch(() => undefined);
  }
}
