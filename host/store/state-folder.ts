import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './is-alive.ts';

const LOCK = 'in-use';

/** Where queue, gallery and recovery copies are kept: EMULSION_STATE_DIR, else the system's place for what a program remembers. */
export function defaultStateFolder(env: NodeJS.ProcessEnv): string {
  if (env['EMULSION_STATE_DIR']) return env['EMULSION_STATE_DIR'];
  if (env['XDG_STATE_HOME']) return join(env['XDG_STATE_HOME'], 'emulsion');
  if (process.platform === 'win32' && env['LOCALAPPDATA']) return join(env['LOCALAPPDATA'], 'Emulsion', 'State');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Emulsion');
  return join(homedir(), '.local', 'state', 'emulsion');
}

/** A claim on a folder that only one process may have. */
export interface FolderClaim {
  release(): void;
}

/** Claims a folder for this process; the id of the process that has it where another one is alive. A dead one's claim is taken over. */
export function claimFolder(folder: string): FolderClaim | { readonly takenBy: number } {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, LOCK);
  for (;;) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, `${process.pid}\n`);
      closeSync(file);
      return { release: () => rmSync(path, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const owner = Number(readFileSync(path, 'utf8'));
      if (owner !== process.pid && isAlive(owner)) return { takenBy: owner };
      rmSync(path, { force: true });
    }
  }
}
