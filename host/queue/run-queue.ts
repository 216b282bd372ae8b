import { randomUUID } from 'node:crypto';
import { fail, ok, type Problem, type Result, warning } from '../../nodes/problem.ts';
import type { RunEnded } from '../run-events.ts';
import type { QueuedRun, QueueEntry, QueueStore } from './queue-store.ts';

/** Entries that are over and still listed. */
const KEPT_ENTRIES = 200;

const PAUSED = 'paused';

/** A run that the queue has started. */
export interface StartedRun {
  readonly ended: Promise<RunEnded>;
  cancel(): void;
  stop(): void;
}

/** What a queue is made of. */
export interface RunQueueParts {
  readonly store: QueueStore;
  /** Starts an entry's run under the entry's id. A problem: it cannot even be started. */
  start(run: QueuedRun): Result<StartedRun>;
  /** An entry ended without ever having run. */
  onNeverRun(id: string, outcome: 'failed' | 'cancelled', problems: readonly Problem[]): void;
  /** Something about the list is not as it was. */
  onChange(): void;
  now(): number;
}

/** Runs one after another, in an order that people may change; what waits survives the end of the process. */
export interface RunQueue {
  /** True: nothing new is started. */
  readonly isPaused: boolean;
  /** Ids of the entries that run now. */
  readonly running: string | undefined;
  list(): QueueEntry[];
  add(run: { readonly title: string; readonly graph: string; readonly request: unknown }): string;
  /** Holds the whole queue, or one entry: one that runs is stopped between two model calls and later goes on from there. */
  pause(id?: string): Result<void>;
  resume(id?: string): Result<void>;
  /** Puts a waiting entry before another one, or last. */
  move(id: string, beforeId: string | null): Result<void>;
  /** Takes a waiting entry out, or stops the one that runs: between two model calls, or at once by `force`. */
  cancel(id: string, force?: boolean): Result<void>;
  /** Runs an entry that is over once more; returns the new entry's id. */
  retry(id: string): Result<string>;
  /** Takes an entry that is over off the list; without an id, all of them. */
  clear(id?: string): Result<void>;
  /** Starts nothing more. */
  close(): void;
}

/**
 * A queue over its store. What was running when the last process ended waits again; if anything waits then, the queue begins held, so
 * that a run that takes the program down is not started again unasked.
 */
export function createRunQueue(parts: RunQueueParts): RunQueue {
  const { store, now } = parts;
  let current: { readonly id: string; readonly run: StartedRun } | undefined;
  let isClosed = false;
  /** The running entry was stopped to be held, not to be given up. */
  let isHolding = false;
  const interrupted = store.list().filter((entry) => entry.state === 'running');
  for (const { id } of interrupted) {
    const told = warning('run.evaluatorDied', 'Emulsion ended while this ran. It starts over when the queue goes on.');
    store.setState(id, 'waiting', { startedMs: null, problems: [told] });
  }
  let isPaused = store.getSetting(PAUSED) === 'true' || store.next() !== undefined;

  const setPaused = (value: boolean): void => {
    isPaused = value;
    store.setSetting(PAUSED, String(value));
  };
  const advance = (): void => {
    if (isClosed || isPaused || current !== undefined) return;
    const next = store.next();
    if (next === undefined) return;
    const started = parts.start(next);
    if (!started.ok) {
      store.setState(next.id, 'failed', { endedMs: now(), problems: [started.problem] });
      parts.onNeverRun(next.id, 'failed', [started.problem]);
      parts.onChange();
      advance();
      return;
    }
    current = { id: next.id, run: started.value };
    store.setState(next.id, 'running', { startedMs: now(), endedMs: null, problems: [] });
    parts.onChange();
    void started.value.ended.then((ended) => {
      current = undefined;
      if (isClosed) return;
      if (isHolding && ended.outcome === 'cancelled') store.setState(next.id, 'paused', { startedMs: null, endedMs: null });
      else store.setState(next.id, ended.outcome, { endedMs: now(), problems: ended.problems });
      isHolding = false;
      store.trim(KEPT_ENTRIES);
      parts.onChange();
      advance();
    });
  };
  const change = (act: () => void): Result<void> => {
    act();
    parts.onChange();
    advance();
    return ok(undefined);
  };
  const inState = (id: string, states: readonly QueueEntry['state'][], doing: string): Result<QueuedRun> => {
    const entry = store.find(id);
    if (entry === undefined) return fail('run.unknown', 'There is no such run in the queue any more.');
    if (states.includes(entry.state)) return ok(entry);
    return fail('run.unknown', `“${entry.title}” is ${entry.state}, so it cannot be ${doing}.`);
  };

  return {
    get isPaused() {
      return isPaused;
    },
    get running() {
      return current?.id;
    },
    list: () => store.list(),
    add(run) {
      const id = randomUUID();
      store.add({ ...run, id, addedMs: now() });
      // Who asks for a run while nothing else waits wants it now, whatever was held before.
      if (isPaused && store.list().filter((entry) => entry.state === 'waiting').length === 1) setPaused(false);
      change(() => undefined);
      return id;
    },
    pause(id) {
      if (id === undefined) return change(() => setPaused(true));
      const entry = inState(id, ['waiting', 'running'], 'held');
      if (!entry.ok) return entry;
      if (current?.id !== id) return change(() => store.setState(id, 'paused'));
      isHolding = true;
      current.run.cancel();
      return ok(undefined);
    },
    resume(id) {
      if (id === undefined) return change(() => setPaused(false));
      const entry = inState(id, ['paused'], 'resumed');
      return entry.ok ? change(() => store.setState(id, 'waiting')) : entry;
    },
    move(id, beforeId) {
      const entry = inState(id, ['waiting', 'paused'], 'moved');
      return entry.ok ? change(() => store.move(id, beforeId)) : entry;
    },
    cancel(id, force = false) {
      const entry = inState(id, ['waiting', 'paused', 'running'], 'cancelled');
      if (!entry.ok) return entry;
      if (current?.id === id) {
        isHolding = false;
        if (force) current.run.stop();
        else current.run.cancel();
        return ok(undefined);
      }
      return change(() => {
        store.setState(id, 'cancelled', { endedMs: now() });
        parts.onNeverRun(id, 'cancelled', []);
      });
    },
    retry(id) {
      const entry = inState(id, ['done', 'failed', 'cancelled'], 'run again');
      if (!entry.ok) return entry;
      return ok(this.add({ title: entry.value.title, graph: entry.value.graph, request: entry.value.request }));
    },
    clear(id) {
      if (id === undefined) return change(() => store.trim(0));
      const entry = inState(id, ['done', 'failed', 'cancelled'], 'taken off the list');
      return entry.ok ? change(() => store.remove(id)) : entry;
    },
    close() {
      isClosed = true;
    },
  };
}
