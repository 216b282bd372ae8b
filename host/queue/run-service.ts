import { join } from 'node:path';
import { type GraphDocument, nodeEntries } from '../../graphs/document.ts';
import { readGraph } from '../../graphs/read-graph.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import { fail, ok, type Problem, type Result, warning } from '../../nodes/problem.ts';
import { applySettings } from '../apply-settings.ts';
import type { CallArgs, CallResult, Handlers, NamedEvent } from '../contract.ts';
import type { Host } from '../create-host.ts';
import type { FilePolicy } from '../file-access.ts';
import { problemsBeforeRun } from '../problems-before-run.ts';
import type { NodeRunState, RunEnded, RunEvent } from '../run-events.ts';
import type { Artifact, ArtifactStore } from '../store/artifact-store.ts';
import { claimFolder, type FolderClaim } from '../store/state-folder.ts';
import { createGalleryStore, type GalleryPicture } from './gallery-store.ts';
import { type OpenedDatabase, openDatabase } from './open-database.ts';
import type { QUEUE_CALLS } from './queue-contract.ts';
import { createQueueStore, type QueuedRun } from './queue-store.ts';
import { createRunQueue, type StartedRun } from './run-queue.ts';
import { toNamedEvent } from './to-named-event.ts';

/** Runs whose states can still be asked about. */
const REMEMBERED_RUNS = 100;

const UNTITLED = 'Untitled';

type RunCalls = Extract<keyof Handlers, `run.${string}` | keyof typeof QUEUE_CALLS>;
type Request = Omit<CallArgs<'run.start'>, 'graph' | 'settings' | 'title'>;

/** What runs need of the service around them. */
export interface RunServiceParts {
  readonly host: Host;
  /** What a graph may read; of an open document, from its own folder first. */
  policyOf(document: string | undefined): FilePolicy;
  /** Absolute; where pictures go. */
  readonly outFolder: string;
  /** Where queue and gallery are kept; null: for as long as the process lives. */
  readonly stateFolder: string | null;
  readonly artifacts: ArtifactStore;
  publish(event: NamedEvent): void;
}

/** Starting, watching and stopping runs: the contract's calls about runs, queue and gallery. */
export interface RunService {
  readonly handlers: Pick<Handlers, RunCalls>;
  /** Puts a checked graph into the queue. */
  enqueue(document: GraphDocument, title: string | undefined, request: Request): string;
  /** What had to be done to open queue and gallery. */
  readonly problem: Problem | undefined;
  close(): Promise<void>;
}

interface KnownRun {
  readonly states: Map<string, NodeRunState>;
  readonly results: Map<string, Artifact[]>;
  ended: Pick<RunEnded, 'outcome' | 'problems'> | undefined;
}

/** Opens queue and gallery over a host. */
export function createRunService(parts: RunServiceParts): RunService {
  const { host, artifacts, publish } = parts;
  const { database, problem, claim } = openKept(parts.stateFolder);
  const store = createQueueStore(database);
  const gallery = createGalleryStore(database);
  const known = new Map<string, KnownRun>();
  const shown = new Map<number, Artifact>();
  let current: (StartedRun & { readonly id: string }) | undefined;

  const knownRun = (id: string): KnownRun => {
    const found = known.get(id) ?? { states: new Map(), results: new Map(), ended: undefined };
    known.set(id, found);
    for (const [oldest, { ended }] of known) {
      if (known.size <= REMEMBERED_RUNS) break;
      if (ended !== undefined && oldest !== id) known.delete(oldest);
    }
    return found;
  };
  const show = (picture: GalleryPicture): CallResult<'gallery.list'>['pictures'][number] => {
    const { id, runId, nodeId, seed, madeMs, durationMs } = picture;
    const artifact = shown.get(id) ?? artifacts.addFile(picture.path, picture.widthPx, picture.heightPx);
    shown.set(id, artifact);
    return { id, runId, nodeId, artifact, seed, madeMs, durationMs };
  };

  const start = (run: QueuedRun): Result<StartedRun> => {
    const { document, problems } = readGraph(run.graph, host.registry);
    if (document === undefined) return fail(problems[0] ?? { code: 'graph.damaged', severity: 'error', message: 'The graph is empty.' });
    const request = run.request as Request; // `enqueue` wrote it
    const beganMs = performance.now();
    const seed = findSeed(document, host.registry);
    const state = knownRun(run.id);
    const onEvent = (event: RunEvent): void => {
      if (event.kind === 'state') state.states.set(event.nodeId, event.state);
      if (event.kind === 'ended') state.ended = event;
      const named = toNamedEvent(run.id, event, artifacts);
      if (named.name === 'run.result') {
        const { nodeId, artifacts: found } = named.payload;
        state.results.set(nodeId, [...(state.results.get(nodeId) ?? []), ...found]);
      }
      publish(named);
      if (event.kind !== 'result' || event.result.kind !== 'file') return;
      const { path, widthPx, heightPx } = event.result;
      const durationMs = performance.now() - beganMs;
      const picture = { runId: run.id, nodeId: event.nodeId, path, widthPx, heightPx, seed, madeMs: Date.now(), durationMs };
      publish({ name: 'gallery.added', payload: { picture: show(gallery.add(picture, run.graph)) } });
    };
    const started = host.run(
      {
        id: run.id,
        document,
        ...(request.targets === undefined ? {} : { targets: request.targets }),
        policy: parts.policyOf(request.document),
        outFolder: parts.outFolder,
        device: request.device ?? 'auto',
        memory: request.memory ?? 'auto',
        useCache: request.useCache ?? true,
        previews: true,
      },
      onEvent,
    );
    current = started;
    return ok(started);
  };

  const queue = createRunQueue({
    store,
    start,
    onNeverRun(id, outcome, found) {
      knownRun(id).ended = { outcome, problems: found };
      publish({ name: 'run.ended', payload: { runId: id, outcome, problems: [...found], durationMs: 0, modelMs: 0 } });
    },
    onChange: () => publish({ name: 'queue.changed', payload: {} }),
    now: Date.now,
  });
  const nothing = (result: Result<void>): Result<Record<string, never>> => (result.ok ? ok({}) : result);

  const service: RunService = {
    problem,
    enqueue(document, title, request) {
      const { meta } = document;
      const name = title ?? (typeof meta?.['title'] === 'string' ? meta['title'] : UNTITLED);
      return queue.add({ title: name, graph: writeGraph(document), request });
    },
    handlers: {
      async 'run.start'({ graph, settings, title, ...request }) {
        const prepared = prepare(graph, settings ?? [], host.registry);
        return prepared.ok
          ? ok({ runId: service.enqueue(prepared.value.document, title, request), problems: prepared.value.problems })
          : prepared;
      },
      'run.cancel': async ({ runId }) => nothing(queue.cancel(runId)),
      'run.stop': async ({ runId }) => nothing(queue.cancel(runId, true)),
      async 'run.states'({ runId }) {
        const found = known.get(runId);
        if (found === undefined && store.find(runId) === undefined)
          return fail('run.unknown', 'There is no such run. It may have ended long ago.');
        const { states, results, ended } = knownRun(runId);
        return ok({
          states: Object.fromEntries(states),
          results: Object.fromEntries(results),
          ended: ended === undefined ? null : { outcome: ended.outcome, problems: [...ended.problems] },
        });
      },
      async 'queue.list'() {
        const entries = queue.list().map((entry) => {
          const last = gallery.ofRun(entry.id).at(-1);
          return { ...entry, problems: [...entry.problems], thumbnail: last === undefined ? null : show(last).artifact };
        });
        return ok({ isPaused: queue.isPaused, entries });
      },
      'queue.pause': async ({ id }) => nothing(queue.pause(id)),
      'queue.resume': async ({ id }) => nothing(queue.resume(id)),
      'queue.move': async ({ id, beforeId }) => nothing(queue.move(id, beforeId)),
      async 'queue.retry'({ id }) {
        const again = queue.retry(id);
        return again.ok ? ok({ runId: again.value }) : again;
      },
      'queue.clear': async ({ id }) => nothing(queue.clear(id)),
      async 'queue.graph'({ id }) {
        const found = store.find(id);
        return found === undefined
          ? fail('run.unknown', 'There is no such run in the queue any more.')
          : ok({ title: found.title, graph: found.graph });
      },
      'gallery.list': async ({ limit, beforeId }) => ok({ pictures: gallery.list(limit, beforeId).map(show) }),
      async 'gallery.graph'({ id }) {
        const found = gallery.find(id);
        return found === undefined ? fail('file.missing', 'That picture is not in the gallery any more.') : ok({ graph: found.graph });
      },
      async 'gallery.remove'({ id }) {
        gallery.remove(id);
        shown.delete(id);
        return ok({});
      },
    },
    async close() {
      queue.close();
      if (queue.running !== undefined) current?.stop();
      await current?.ended;
      database.close();
      claim?.release();
    },
  };
  return service;
}

/** The database in the state folder; one in memory where there is none, or where another process has it. */
function openKept(stateFolder: string | null): OpenedDatabase & { readonly claim?: FolderClaim } {
  if (stateFolder === null) return openDatabase(':memory:');
  const claim = claimFolder(stateFolder);
  if ('release' in claim) return { ...openDatabase(join(stateFolder, 'runs.db')), claim };
  const sentence = `Another Emulsion (process ${claim.takenBy}) has the queue and the gallery in ${stateFolder}. This one begins with empty ones and keeps them until it ends.`;
  return { ...openDatabase(':memory:'), problem: warning('run.busy', sentence) };
}

/** A graph with its settings in it, and what reading it left out. */
function prepare(
  graph: string,
  settings: readonly string[],
  registry: NodeRegistry,
): Result<{ readonly document: GraphDocument; readonly problems: Problem[] }> {
  const { document, problems } = readGraph(graph, registry);
  if (document === undefined) return fail(problems[0] ?? { code: 'graph.damaged', severity: 'error', message: 'The graph is empty.' });
  // Where a setting's file lies is not trusted: it comes over a connection, not from the person's keyboard.
  const set = applySettings(document, registry, settings);
  return set.ok ? ok({ document: set.value.document, problems: problemsBeforeRun(document, problems) }) : set;
}

function findSeed(document: GraphDocument, registry: NodeRegistry): string | null {
  for (const [, node] of nodeEntries(document)) {
    for (const [name, spec] of Object.entries(registry.get(node.type)?.params ?? {})) {
      if (spec.kind !== 'seed') continue;
      const value = node.params[name] ?? spec.default;
      return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
    }
  }
  return null;
}
