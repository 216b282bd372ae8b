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
    case 'failed':
    case 'skipped':
    case 'cancelled':
      // What was refused then says nothing about what stands there now.
      return run?.key === key || run?.key === undefined ? (run?.state.kind ?? 'idle') : 'stale';
    default:
      return run?.state.kind ?? 'idle';
  }
}
