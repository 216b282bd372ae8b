import type { NodeRun } from '../store/run-store.ts';

/** How a node stands, in one word for each badge. */
export type NodeStatus = 'idle' | 'cached' | 'fresh' | 'stale' | 'queued' | 'running' | 'failed' | 'skipped' | 'cancelled';

/** Joins what the last run said with what would be made now. `key` is what the result would be kept under. */
export function statusOf(run: NodeRun | undefined, key: string | undefined, isCached: boolean): NodeStatus {
  if (run === undefined) return isCached ? 'cached' : 'idle';
  const { state } = run;
  switch (state.kind) {
    case 'done':
      if (run.key !== undefined && key !== undefined && run.key !== key) return isCached ? 'cached' : 'stale';
      return 'fresh';
    case 'skipped':
      // What is muted now is told by inference.
      if (state.reason === 'muted') return isCached ? 'cached' : 'idle';
      return sinceThen(run, key, state.kind);
    case 'failed':
    case 'cancelled':
      return sinceThen(run, key, state.kind);
    default:
      return state.kind;
  }
}

/** What was refused then says nothing about what stands there now. */
function sinceThen(run: NodeRun, key: string | undefined, status: NodeStatus): NodeStatus {
  return run.key === key || run.key === undefined ? status : 'stale';
}
