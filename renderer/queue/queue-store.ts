import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallResult } from '../../host/contract.ts';
import type { Result } from '../../nodes/problem.ts';
import type { ReconnectingClient } from '../transport/reconnecting-client.ts';

/** One entry as the host lists it. */
export type QueueEntry = CallResult<'queue.list'>['entries'][number];

/** The queue as the host has it. */
export interface QueueState {
  readonly isPaused: boolean;
  readonly entries: readonly QueueEntry[];
}

/** Follows the host's queue and changes it. Every call answers with what went wrong, if anything. */
export interface QueueStore {
  readonly state: StoreApi<QueueState>;
  hold(id?: string): Promise<Result<unknown>>;
  resume(id?: string): Promise<Result<unknown>>;
  cancel(id: string): Promise<Result<unknown>>;
  stop(id: string): Promise<Result<unknown>>;
  retry(id: string): Promise<Result<unknown>>;
  clear(id?: string): Promise<Result<unknown>>;
  /** Puts a waiting entry before another one; null: last. */
  move(id: string, beforeId: string | null): Promise<Result<unknown>>;
  graphOf(id: string): Promise<Result<{ readonly title: string; readonly graph: string }>>;
}

/** A store that asks again after every change and every reconnection. */
export function createQueueStore(client: ReconnectingClient): QueueStore {
  const state = createStore<QueueState>(() => ({ isPaused: false, entries: [] }));
  let isAsking = false;
  let isStale = false;
  const refresh = async (): Promise<void> => {
    // Changes come in bursts; one question at a time, and one more if something changed meanwhile.
    isStale = true;
    if (isAsking) return;
    isAsking = true;
    while (isStale) {
      isStale = false;
      const listed = await client.call('queue.list', {});
      if (listed.ok) state.setState(listed.value, true);
    }
    isAsking = false;
  };
  client.on('queue.changed', () => void refresh());
  client.on('gallery.added', () => void refresh());
  client.watch((isConnected) => {
    if (isConnected) void refresh();
  });
  const withId = (id: string | undefined): { id?: string } => (id === undefined ? {} : { id });
  return {
    state,
    hold: (id) => client.call('queue.pause', withId(id)),
    resume: (id) => client.call('queue.resume', withId(id)),
    cancel: (runId) => client.call('run.cancel', { runId }),
    stop: (runId) => client.call('run.stop', { runId }),
    retry: (id) => client.call('queue.retry', { id }),
    clear: (id) => client.call('queue.clear', withId(id)),
    move: (id, beforeId) => client.call('queue.move', { id, beforeId }),
    graphOf: (id) => client.call('queue.graph', { id }),
  };
}

/** The entry before which a waiting one has to be put to go one place up or down; undefined: it cannot. */
export function placeBeside(entries: readonly QueueEntry[], id: string, direction: -1 | 1): string | null | undefined {
  const movable = entries.filter((entry) => entry.state === 'waiting' || entry.state === 'paused');
  const at = movable.findIndex((entry) => entry.id === id);
  if (at < 0) return undefined;
  if (direction === -1) return movable[at - 1]?.id;
  return at + 1 < movable.length ? (movable[at + 2]?.id ?? null) : undefined;
}
