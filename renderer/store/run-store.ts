import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallArgs, EventPayload } from '../../host/contract.ts';
import type { Problem, Result } from '../../nodes/problem.ts';
import type { ReconnectingClient } from '../transport/reconnecting-client.ts';
import { createKeyedStore, type KeyedStore } from './keyed-store.ts';
import type { PictureStore } from './picture-store.ts';

type NodeState = EventPayload<'run.state'>['state'];

/** How a node stands in the last run that had it. */
export interface NodeRun {
  readonly state: NodeState;
  readonly progress?: { readonly done: number; readonly total: number; readonly etaMs: number | null };
  /** The key its result was made under; undefined: not known. */
  readonly key: string | undefined;
}

/** One run of this window. */
export interface RunRecord {
  readonly id: string;
  readonly name: string;
  readonly startedAt: number;
  readonly graph: string;
  /** The open document it is of, where there is one. */
  readonly document: string | undefined;
  readonly outcome: 'running' | 'done' | 'failed' | 'cancelled';
  readonly durationMs: number | undefined;
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
  readonly results: readonly RunPicture[];
}

/** A finished picture of a run. */
export interface RunPicture {
  readonly id: string;
  readonly node: string;
  readonly name: string;
  readonly url: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What the window knows of runs. */
export interface RunsState {
  /** Newest first. */
  readonly runs: readonly RunRecord[];
  /** The one whose nodes are shown. */
  readonly current: string | undefined;
  /** Started while it goes on, in order. */
  readonly waiting: readonly string[];
  readonly evaluator: EventPayload<'evaluator.state'>['state'] | undefined;
}

/** Starts runs and follows them. */
export interface RunStore {
  readonly state: StoreApi<RunsState>;
  readonly nodes: KeyedStore<NodeRun>;
  start(args: CallArgs<'run.start'>, about: { readonly name: string; readonly keys: ReadonlyMap<string, string> }): Promise<Result<null>>;
  cancel(): Promise<void>;
  stop(): Promise<void>;
  /** Forgets how nodes stand: another document is open. */
  reset(): void;
  /** Follows these from now on, and nothing else. */
  follow(runs: Pick<RunsState, 'current' | 'waiting'>): void;
  /** The run that is followed has ended: the next one that waits is followed. */
  advance(): void;
}

const REMEMBERED_RUNS = 200;

/** A store that follows the host's events. `toUrl` gives the address of an artifact. */
export function createRunStore(client: ReconnectingClient, pictures: PictureStore, toUrl: (artifact: string) => string): RunStore {
  const state = createStore<RunsState>(() => ({ runs: [], current: undefined, waiting: [], evaluator: undefined }));
  const nodes = createKeyedStore<NodeRun>();
  /** By run: what its nodes' results are kept under. */
  const keysOf = new Map<string, ReadonlyMap<string, string>>();

  const advance = (): void => state.setState(({ waiting: [current, ...waiting] }) => ({ current, waiting }));
  const isCurrent = (runId: string): boolean => state.getState().current === runId;
  const change = (runId: string, update: (run: RunRecord) => Partial<RunRecord>): void => {
    state.setState(({ runs }) => ({ runs: runs.map((run) => (run.id === runId ? { ...run, ...update(run) } : run)) }));
  };
  client.on('run.state', ({ runId, nodeId, state: next }) => {
    if (isCurrent(runId)) nodes.set(nodeId, { state: next, key: keysOf.get(runId)?.get(nodeId) });
  });
  client.on('run.progress', ({ runId, nodeId, done, total, etaMs }) => {
    const before = nodes.get(nodeId);
    if (isCurrent(runId) && before !== undefined) nodes.set(nodeId, { ...before, progress: { done, total, etaMs } });
  });
  client.on('run.preview', ({ runId, nodeId, ...picture }) => {
    if (isCurrent(runId)) pictures.preview(nodeId, picture);
  });
  client.on('run.result', ({ runId, nodeId, artifacts }) => {
    if (!isCurrent(runId)) return;
    const made = artifacts.filter((one) => one.mime.startsWith('image/'));
    const results = made.map(({ id, name, widthPx, heightPx }) => ({ id, node: nodeId, name, url: toUrl(id), widthPx, heightPx }));
    const [first] = results;
    if (first !== undefined) pictures.finish(nodeId, { url: first.url, widthPx: first.widthPx, heightPx: first.heightPx });
    change(runId, (run) => ({ results: [...run.results, ...results] }));
  });
  client.on('run.problem', ({ runId, problem }) => change(runId, (run) => ({ problems: [...run.problems, problem] })));
  client.on('run.note', ({ runId, message }) => change(runId, (run) => ({ notes: [...run.notes, message] })));
  client.on('run.ended', ({ runId, outcome, problems, durationMs }) => {
    change(runId, () => ({ outcome, problems, durationMs }));
    if (isCurrent(runId)) advance();
    else state.setState(({ waiting }) => ({ waiting: waiting.filter((one) => one !== runId) }));
    keysOf.delete(runId);
  });
  client.on('evaluator.state', ({ state: evaluator }) => state.setState({ evaluator }));

  /** What has become of the current run while the host was not there, or was another one. */
  const catchUp = async (): Promise<void> => {
    const { current } = state.getState();
    if (current === undefined) return;
    const [stands, queue] = await Promise.all([client.call('run.states', { runId: current }), client.call('queue.list', {})]);
    if (!isCurrent(current) || !queue.ok) return;
    const entry = queue.value.entries.find(({ id }) => id === current);
    const { states = {}, ended = null } = stands.ok ? stands.value : {};
    for (const [node] of [...nodes.entries()]) if (!Object.hasOwn(states, node)) nodes.set(node, undefined);
    for (const [node, next] of Object.entries(states))
      nodes.set(node, { ...nodes.get(node), state: next, key: keysOf.get(current)?.get(node) });
    if (entry?.state === 'running' || (entry?.state === 'waiting' && !queue.value.isPaused)) return;
    // It has ended meanwhile, or waits until somebody lets the queue go on: the window need not.
    const problems = ended?.problems ?? entry?.problems ?? [];
    change(current, (run) => ({
      outcome: ended?.outcome ?? 'failed',
      problems,
      notes: [...run.notes, ...problems.map((one) => one.message)],
    }));
    advance();
  };
  client.watch((isConnected) => {
    if (isConnected) void catchUp();
  });

  const tellCurrent = async (name: 'run.cancel' | 'run.stop'): Promise<void> => {
    const { current } = state.getState();
    if (current !== undefined) await client.call(name, { runId: current });
  };

  return {
    state,
    nodes,
    async start(args, about) {
      const started = await client.call('run.start', args);
      if (!started.ok) return started;
      keysOf.set(started.value.runId, about.keys);
      const record: RunRecord = {
        id: started.value.runId,
        name: about.name,
        startedAt: Date.now(),
        graph: args.graph,
        document: args.document,
        outcome: 'running',
        durationMs: undefined,
        problems: [],
        notes: [],
        results: [],
      };
      state.setState(({ runs, current, waiting }) => ({
        ...(current === undefined ? { current: record.id } : { waiting: [...waiting, record.id] }),
        runs: [record, ...runs].slice(0, REMEMBERED_RUNS),
      }));
      return { ok: true, value: null };
    },
    cancel: () => tellCurrent('run.cancel'),
    stop: () => tellCurrent('run.stop'),
    follow: ({ current, waiting }) => state.setState({ current, waiting }),
    advance,
    reset() {
      nodes.clear();
      pictures.clear();
    },
  };
}
