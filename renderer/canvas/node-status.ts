import type { NodeRun } from '../store/run-store.ts';

/** How a node stands, in one word for each badge. */
export type NodeStatus = 'idle' | 'cached' | 'fresh' | 'stale' | 'queued' | 'running' | 'failed' | 'skipped' | 'cancelled';

/** Joins what the last run said with what would be made now. `key` is what the result would be kept under. */
export function statusOf(run: NodeRun | undefined, key: string | undefined, isCached: boolean): NodeStatus {
  switch (run?.state.kind) {
    case undefined:
      return isCached ? 'cached' : 'idle';
    case 'done':
      if (run?.key !== undefined && key !== undefined && run.key !== key) return isCached ? 'cached' : 'stale';
      return 'fresh';
    case 'skipped':
      // What is muted now is told by inference.
      if (run?.state.kind === 'skipped' && run.state.reason === 'muted') return isCached ? 'cached' : 'idle';
      return sinceThen(run, key);
    case 'failed':
    case 'cancelled':
      return sinceThen(run, key);
    default:
      return run?.state.kind ?? 'idle';
  }
}

/** What was refused then says nothing about what stands there now. */
function sinceThen(run: NodeRun | undefined, key: string | undefined): NodeStatus {
  return run?.key === key || run?.key === undefined ? (run?.state.kind ?? 'idle') : 'stale';
}
