import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../models/checkpoint/open-checkpoint.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { CheckpointHandle } from '../../nodes/socket-values.ts';
import { stampFiles } from './stamp-files.ts';

/** Checkpoints by where they lie; opened by headers and configs, so that many cost little. */
export interface CheckpointStore {
  /**
   * Looks at the files anew, unless the checkpoint that is open has the fingerprint that somebody has just `seen`; what changed since the
   * last time is told to `onChange`.
   */
  open(path: string, configPath: string | null, seen?: string): Promise<Result<Checkpoint>>;
  /** The very checkpoint a value was made from; refused if its files are others by now. */
  find(handle: CheckpointHandle): Promise<Result<Checkpoint>>;
  /** Every checkpoint that is open. */
  all(): Iterable<Checkpoint>;
}

/** A store with nothing open. `onChange` is given the fingerprint that no longer holds. */
export function createCheckpointStore(onChange: (oldFingerprint: string) => Promise<void>): CheckpointStore {
  const open = new Map<string, Checkpoint>();
  const stamps = new Map<string, string>();
  const load = async (path: string, configPath: string | null, seen?: string): Promise<Result<Checkpoint>> => {
    const key = `${path}\0${configPath ?? ''}`;
    const known = open.get(key);
    if (known !== undefined && known.fingerprint === seen) return ok(known);
    // Headers and samples of every file take longer to read than a step of a small model.
    const stamp = stampFiles(configPath === null ? [path] : [path, configPath], Date.now());
    if (known !== undefined && stamp !== undefined && stamps.get(key) === stamp) return ok(known);
    stamps.delete(key);
    const opened = await openCheckpoint(path, configPath === null ? {} : { config: configPath });
    if (!opened.ok) return opened;
    if (stamp !== undefined) stamps.set(key, stamp);
    if (known?.fingerprint === opened.value.fingerprint) return ok(known);
    open.set(key, opened.value);
    if (known !== undefined) await onChange(known.fingerprint);
    return opened;
  };
  return {
    open: load,
    async find(handle) {
      const key = `${handle.path}\0${handle.configPath ?? ''}`;
      const known = open.get(key);
      if (known?.fingerprint === handle.fingerprint) return ok(known);
      const opened = await load(handle.path, handle.configPath ?? null);
      if (!opened.ok || opened.value.fingerprint === handle.fingerprint) return opened;
      return fail('model.damaged', `The files of ${handle.name} changed while the run went on. Run again.`);
    },
    all: () => open.values(),
  };
}
