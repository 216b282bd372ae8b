import type { RunEvent } from '../run-events.ts';
import { plain } from './output.ts';

/** Where no line can be redrawn, a node's progress is told at its first step and then this often. */
const PLAIN_INTERVAL_MS = 2_000;

/** An event that tells how far a node is. */
type ProgressEvent = Extract<RunEvent, { kind: 'state' | 'progress' }>;

/** Shows how a run goes on. */
export interface ProgressLines {
  show(event: ProgressEvent): void;
  /** Takes the unfinished line away. */
  clear(): void;
}

/** What is needed of the stream that progress goes to. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** On a terminal one live line for the node that runs; elsewhere a plain line now and then. */
export function createProgressLines(stream: ProgressStream, now: () => number): ProgressLines {
  const titles = new Map<string, string>();
  const isLive = stream.isTTY === true && process.env['TERM'] !== 'dumb';
  let hasLine = false;
  let nextMs = 0;
  const clear = (): void => {
    if (hasLine) stream.write('\r\u001b[2K');
    hasLine = false;
  };
  const line = (text: string): void => {
    clear();
    stream.write(`${plain(text)}\n`);
  };
  const live = (text: string): void => {
    clear();
    stream.write(plain(text).slice(0, Math.max(20, (stream.columns ?? 80) - 1)));
    hasLine = true;
  };
  return {
    clear,
    show(event) {
      if (event.kind === 'state') {
        titles.set(event.nodeId, event.title);
        const text = describeState(event);
        if (event.state.kind === 'running') {
          nextMs = now();
          if (isLive) live(text);
        } else if (text !== '') {
          line(text);
        }
      } else {
        const text = describeProgress(titles.get(event.nodeId) ?? event.nodeId, event);
        if (isLive) {
          live(text);
        } else if (event.done < event.total && now() >= nextMs) {
          nextMs = now() + PLAIN_INTERVAL_MS;
          line(text);
        }
      }
    },
  };
}

function describeState({ nodeId, title, state }: Extract<RunEvent, { kind: 'state' }>): string {
  switch (state.kind) {
    case 'queued':
    case 'failed':
      return ''; // its sentence is told as an error
    case 'running':
      return `${title} …`;
    case 'done':
      return state.cached ? `${title}: unchanged, kept from before` : `${title}: done in ${formatDuration(state.durationMs)}`;
    case 'skipped':
      if (state.reason === 'muted') return `${title}: skipped, because ${state.because === nodeId ? 'it' : 'a node before it'} is muted`;
      return `${title}: skipped, because a node before it did not finish`;
    case 'cancelled':
      return `${title}: cancelled`;
    default:
      return state satisfies never;
  }
}

function describeProgress(title: string, { done, total, etaMs }: { done: number; total: number; etaMs: number | null }): string {
  return `${title}: step ${done} of ${total}${etaMs === null || done === total ? '' : `, ${formatDuration(etaMs)} left`}`;
}

/** A duration as people say it: 240 ms, 3.2 s, 4 min 10 s. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
