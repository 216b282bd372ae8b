import { mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until no other process of this machine has the turn of this name; call what it gives to end the turn. One that has lasted
 * `deadMs` is taken for that of a dead process.
 */
export async function takeTurn(name: string, deadMs: number): Promise<() => void> {
  const lock = join(tmpdir(), name);
  for (;;) {
    try {
      mkdirSync(lock);
      return () => rmSync(lock, { recursive: true, force: true });
    } catch {
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - since > deadMs) rmSync(lock, { recursive: true, force: true });
      await sleep(200);
    }
  }
}
