import type { GraphDocument } from '../graphs/document.ts';
import { readGraph } from '../graphs/read-graph.ts';
import { fail, ok, type Problem, type Result } from '../nodes/problem.ts';
import { DEFAULT_PRESET, SCHEDULER_PRESETS } from '../nodes/schedulers/presets.ts';
import { applySettings } from './apply-settings.ts';
import { checkGraph } from './check-graph.ts';
import type { CallArgs, ContractService, Handlers, NamedEvent } from './contract.ts';
import type { Host } from './create-host.ts';
import { describeNode } from './describe-node.ts';
import type { FilePolicy } from './file-access.ts';
import { listModels } from './list-models.ts';
import { loadTemplates } from './load-templates.ts';
import { problemsBeforeRun } from './problems-before-run.ts';
import type { NodeRunResult, NodeRunState, RunEnded, RunEvent } from './run-events.ts';
import type { GraphRun } from './run-graph.ts';
import { inferGraph } from './service/infer-graph.ts';
import { type Artifact, type ArtifactStore, createArtifactStore } from './store/artifact-store.ts';
import { clearCacheFolder, listCacheEntries } from './store/cache-folder.ts';

const ARTIFACT_BYTES = 256 * 2 ** 20;

/** Runs that have ended and can still be asked about. */
const REMEMBERED_RUNS = 100;

/** What a service lets its clients do. */
export interface ServiceSettings {
  /** Files that graphs of clients may read. Nothing a client sends is trusted beyond it. */
  readonly policy: FilePolicy;
  /** Absolute; where pictures go. */
  readonly outFolder: string;
  readonly templatesFolder: string;
}

/** The contract's service with what it holds. */
export interface HostService extends ContractService {
  readonly artifacts: ArtifactStore;
  /** Stops every run that is going on; resolves when they have ended. */
  close(): Promise<void>;
}

interface KnownRun {
  readonly run: GraphRun;
  readonly states: Map<string, NodeRunState>;
  readonly results: Map<string, Artifact[]>;
  ended: RunEnded | undefined;
}

/** The contract's calls and events over a host. */
export function createService(host: Host, settings: ServiceSettings): HostService {
  const artifacts = createArtifactStore(ARTIFACT_BYTES);
  const listeners = new Set<(event: NamedEvent) => void>();
  const runs = new Map<string, KnownRun>();
  const publish = (event: NamedEvent): void => {
    for (const listener of listeners) listener(event);
  };
  host.watchEvaluator((state) => publish({ name: 'evaluator.state', payload: { state } }));

  const startRun = (document: GraphDocument, args: CallArgs<'run.start'>): string => {
    const known: Omit<KnownRun, 'run'> = { states: new Map(), results: new Map(), ended: undefined };
    const run = host.run(
      {
        document,
        ...(args.targets === undefined ? {} : { targets: args.targets }),
        policy: settings.policy,
        outFolder: settings.outFolder,
        device: args.device ?? 'auto',
        memory: args.memory ?? 'auto',
        useCache: args.useCache ?? true,
        previews: true,
      },
      (event) => {
        if (event.kind === 'state') known.states.set(event.nodeId, event.state);
        if (event.kind === 'ended') known.ended = event;
        const named = toNamedEvent(run.id, event, artifacts);
        if (named.name === 'run.result') {
          const { nodeId, artifacts: found } = named.payload;
          known.results.set(nodeId, [...(known.results.get(nodeId) ?? []), ...found]);
        }
        publish(named);
      },
    );
    runs.set(run.id, Object.assign(known, { run }));
    forgetOldRuns(runs);
    return run.id;
  };

  const withRun = <T>(runId: string, act: (known: KnownRun) => T): Result<T> => {
    const known = runs.get(runId);
    return known === undefined ? fail('run.unknown', 'There is no such run. It may have ended long ago.') : ok(act(known));
  };

  const handlers: Handlers = {
    async 'graph.check'({ graph }) {
      const { document, problems } = readGraph(graph, host.registry);
      if (document === undefined) return ok({ problems: [...problems] });
      const facts = await host.findFacts(document, settings.policy);
      return ok({ problems: [...checkGraph(document, problemsBeforeRun(document, problems), host.registry, facts)] });
    },
    async 'graph.infer'({ graph }) {
      const { document, problems } = readGraph(graph, host.registry);
      if (document === undefined) return fail(firstProblem(problems));
      const facts = await host.findFacts(document, settings.policy);
      const inferred = inferGraph(document, problems, host.registry, facts, host.cacheFolder);
      return ok({ ...inferred, cached: [...inferred.cached], problems: [...inferred.problems] });
    },
    'schedulers.list': async () => ok({ schedulers: listSchedulers() }),
    'nodes.list': async () => ok({ nodes: host.registry.all().map(describeNode) }),
    'templates.list': async () => ok({ templates: await loadTemplates(settings.templatesFolder) }),
    'models.list': async () => ok(await listModels(settings.policy, host.readModelFacts)),
    async 'run.start'(args) {
      const { document, problems } = readGraph(args.graph, host.registry);
      if (document === undefined) return fail(firstProblem(problems));
      const set = applySettings(document, host.registry, args.settings ?? []);
      if (!set.ok) return set;
      // Where a setting's file lies is not trusted: it comes over a connection, not from the person's keyboard.
      return ok({ runId: startRun(set.value.document, args), problems: problemsBeforeRun(document, problems) });
    },
    async 'run.cancel'({ runId }) {
      return withRun(runId, ({ run }) => {
        run.cancel();
        return {};
      });
    },
    async 'run.stop'({ runId }) {
      return withRun(runId, ({ run }) => {
        run.stop();
        return {};
      });
    },
    'run.states': async ({ runId }) =>
      withRun(runId, ({ states, results, ended }) => ({
        states: Object.fromEntries(states),
        results: Object.fromEntries(results),
        ended: ended === undefined ? null : { outcome: ended.outcome, problems: [...ended.problems] },
      })),
    async 'cache.show'() {
      const entries = host.cacheFolder === null ? [] : await listCacheEntries(host.cacheFolder);
      return ok({ folder: host.cacheFolder, entries: entries.length, bytes: entries.reduce((sum, one) => sum + one.bytes, 0) });
    },
    'cache.clear': async () => ok(host.cacheFolder === null ? { entries: 0, bytes: 0 } : await clearCacheFolder(host.cacheFolder)),
    async 'artifact.read'({ id }) {
      const read = await artifacts.read(id);
      return read.ok ? ok({ mime: read.value.mime, bytes: read.value.bytes }) : read;
    },
  };

  return {
    handlers,
    artifacts,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      const going = [...runs.values()].filter((known) => known.ended === undefined);
      for (const { run } of going) run.stop();
      await Promise.all(going.map(({ run }) => run.ended));
    },
  };
}

function toNamedEvent(runId: string, event: RunEvent, artifacts: ArtifactStore): NamedEvent {
  switch (event.kind) {
    case 'state': {
      const { nodeId, title, state } = event;
      return { name: 'run.state', payload: { runId, nodeId, title, state } };
    }
    case 'progress': {
      const { nodeId, done, total, etaMs } = event;
      return { name: 'run.progress', payload: { runId, nodeId, done, total, etaMs } };
    }
    case 'preview':
      return { name: 'run.preview', payload: { runId, nodeId: event.nodeId, ...event.picture } };
    case 'result':
      return { name: 'run.result', payload: { runId, nodeId: event.nodeId, artifacts: toArtifacts(event.result, artifacts) } };
    case 'problem':
      return { name: 'run.problem', payload: { runId, problem: event.problem } };
    case 'note':
      return { name: 'run.note', payload: { runId, message: event.message } };
    case 'ended': {
      const { outcome, problems, durationMs, modelMs } = event;
      return { name: 'run.ended', payload: { runId, outcome, problems: [...problems], durationMs, modelMs } };
    }
    default:
      return event satisfies never;
  }
}

function toArtifacts(result: NodeRunResult, artifacts: ArtifactStore): Artifact[] {
  switch (result.kind) {
    case 'file':
      return [artifacts.addFile(result.path, result.widthPx, result.heightPx)];
    case 'dump':
      return [artifacts.addFile(result.path, 0, 0)];
    case 'pictures':
      return result.pictures.map((picture, at) => artifacts.addPicture(`picture-${at + 1}.png`, picture));
    default:
      return result satisfies never;
  }
}

function listSchedulers(): { name: string; title: string }[] {
  const presets = Object.entries(SCHEDULER_PRESETS).map(([name, { title }]) => ({ name, title }));
  return [{ name: DEFAULT_PRESET, title: 'As the model has it' }, ...presets];
}

function forgetOldRuns(runs: Map<string, KnownRun>): void {
  for (const [id, { ended }] of runs) {
    if (runs.size <= REMEMBERED_RUNS) return;
    if (ended !== undefined) runs.delete(id);
  }
}

function firstProblem(problems: readonly Problem[]): Problem {
  return problems[0] ?? { code: 'graph.damaged', severity: 'error', message: 'The graph is empty.' };
}
