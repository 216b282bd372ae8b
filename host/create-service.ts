import { nodeId } from '../graphs/document.ts';
import { findTextEncoder } from '../graphs/find-text-encoder.ts';
import { type ReadGraph, readGraph, readGraphValue } from '../graphs/read-graph.ts';
import { fail, ok, type Problem, type Result } from '../nodes/problem.ts';
import { DEFAULT_PRESET, SCHEDULER_PRESETS } from '../nodes/schedulers/presets.ts';
import { checkGraph } from './check-graph.ts';
import type { ContractService, Handlers, NamedEvent } from './contract.ts';
import type { Host } from './create-host.ts';
import { describeNode } from './describe-node.ts';
import { createDocumentService, type DocumentService } from './documents/document-service.ts';
import type { FilePolicy } from './file-access.ts';
import { listModels } from './list-models.ts';
import { loadTemplates } from './load-templates.ts';
import { problemsBeforeRun } from './problems-before-run.ts';
import { createRunService } from './queue/run-service.ts';
import { createTokenCounter } from './service/count-tokens.ts';
import { createAnswerKeeper } from './service/infer-changes.ts';
import { type InferredGraph, inferGraph } from './service/infer-graph.ts';
import { readPicture } from './service/read-picture.ts';
import { createThumbnailMaker } from './service/thumbnails.ts';
import { createNoShell } from './shell/no-shell.ts';
import { type ArtifactStore, createArtifactStore } from './store/artifact-store.ts';
import { clearCacheFolder, listCacheEntries } from './store/cache-folder.ts';

const ARTIFACT_BYTES = 256 * 2 ** 20;
/** One for each window that is worked in; more windows than these get everything each time. */
const KEPT_ANSWERS = 8;

/** What a service lets its clients do. */
export interface ServiceSettings {
  /** Files that graphs of clients may read. Nothing a client sends is trusted beyond it. */
  readonly policy: FilePolicy;
  /** Absolute; where pictures go. */
  readonly outFolder: string;
  readonly templatesFolder: string;
  /** Where queue, gallery and documents are kept; null: for as long as the process lives. */
  readonly stateFolder: string | null;
  /** Recent files may be opened again wherever they lie: the desktop, where a person chose them in a dialog. */
  readonly trustsRecent?: boolean;
  /** How long what a window holds is kept for it after its connection has closed. */
  readonly graceMs?: number;
}

/** The contract's service with what it holds. */
export interface HostService extends ContractService {
  readonly artifacts: ArtifactStore;
  /** What had to be done to open queue and gallery, worth telling. */
  readonly problem: Problem | undefined;
  /** For the program around the window: exchanges files and folders that a person chose for what windows may name. */
  readonly grants: DocumentService['grants'];
  /** Stops every run that is going on; resolves when they have ended. */
  close(): Promise<void>;
}

/** The contract's calls and events over a host. */
export function createService(host: Host, settings: ServiceSettings): HostService {
  const artifacts = createArtifactStore(ARTIFACT_BYTES);
  const listeners = new Set<(event: NamedEvent) => void>();
  const publish = (event: NamedEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const documents = createDocumentService({ host, ...settings, publish });
  const policy = documents.policyOf(undefined);
  const runs = createRunService({ host, ...settings, policyOf: documents.policyOf, artifacts, publish });
  host.watchEvaluator((state) => publish({ name: 'evaluator.state', payload: { state } }));

  const countTokens = createTokenCounter();
  const makeThumbnail = createThumbnailMaker(artifacts);
  const answers = createAnswerKeeper(KEPT_ANSWERS);
  const infer = async ({ document, problems }: ReadGraph, id: string | undefined): Promise<Result<InferredGraph>> => {
    if (document === undefined) return fail(firstProblem(problems));
    const facts = await host.findFacts(document, documents.policyOf(id));
    return ok(inferGraph(document, problems, host.registry, facts, host.cacheFolder));
  };
  /** The graph that was sent, or the open document, whose layout has no influence on what is asked. */
  const readAsked = async (
    graph: string | undefined,
    id: string | undefined,
  ): Promise<Result<{ readonly read: ReadGraph; readonly sequence: number | null }>> => {
    if (graph !== undefined) return ok({ read: readGraph(graph, host.registry), sequence: null });
    const open = await documents.read(id ?? '');
    if (!open.ok) return open;
    const { layout: _, meta: __, ...rest } = open.value.document;
    return ok({ read: readGraphValue(rest, host.registry), sequence: open.value.sequence });
  };
  const handlers: Handlers = {
    async 'graph.check'({ graph, document: id }) {
      const { document, problems } = readGraph(graph, host.registry);
      if (document === undefined) return ok({ problems: [...problems] });
      const facts = await host.findFacts(document, documents.policyOf(id));
      return ok({ problems: [...checkGraph(document, problemsBeforeRun(document, problems), host.registry, facts)] });
    },
    async 'graph.infer'({ graph, document: id }) {
      const inferred = await infer(readGraph(graph, host.registry), id);
      return inferred.ok ? ok({ ...inferred.value, cached: [...inferred.value.cached], problems: [...inferred.value.problems] }) : inferred;
    },
    async 'graph.inferChanges'({ graph, document: id, since }) {
      const asked = await readAsked(graph, id);
      if (!asked.ok) return asked;
      const { read, sequence } = asked.value;
      const inferred = await infer(read, id);
      return inferred.ok ? ok({ sequence, ...answers.keep(inferred.value, since) }) : inferred;
    },
    async 'prompt.count'({ graph, document: id, node, param }) {
      const asked = await readAsked(graph, id);
      if (!asked.ok) return asked;
      const { document } = asked.value.read;
      const found = document && findTextEncoder(document, host.registry, nodeId(node), param);
      if (found === undefined) return ok({ count: null });
      const count = await countTokens(found, documents.policyOf(id));
      return count.ok ? ok({ count: count.value }) : count;
    },
    'schedulers.list': async () => ok({ schedulers: listSchedulers() }),
    'nodes.list': async () => ok({ nodes: host.registry.all().map(describeNode) }),
    'templates.list': async () => ok({ templates: await loadTemplates(settings.templatesFolder) }),
    async 'models.list'() {
      const { models, problems } = await listModels(policy, host.readModelFacts);
      return ok({ models, problems });
    },
    ...runs.handlers,
    ...documents.handlers,
    ...createNoShell(),
    async 'cache.show'() {
      const entries = host.cacheFolder === null ? [] : await listCacheEntries(host.cacheFolder);
      return ok({ folder: host.cacheFolder, entries: entries.length, bytes: entries.reduce((sum, one) => sum + one.bytes, 0) });
    },
    'cache.clear': async () => ok(host.cacheFolder === null ? { entries: 0, bytes: 0 } : await clearCacheFolder(host.cacheFolder)),
    async 'file.thumbnail'({ document: id, ...request }) {
      return ok({ picture: (await makeThumbnail(request, documents.policyOf(id))) ?? null });
    },
    'file.picture': ({ document: id, file }) => readPicture(file, documents.policyOf(id)),
    async 'artifact.read'({ id }) {
      const read = await artifacts.read(id);
      return read.ok ? ok({ mime: read.value.mime, bytes: read.value.bytes }) : read;
    },
  };

  return {
    handlers,
    artifacts,
    problem: runs.problem,
    grants: documents.grants,
    presence: documents.presence,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      await Promise.all([runs.close(), documents.close()]);
    },
  };
}

function listSchedulers(): { name: string; title: string }[] {
  const presets = Object.entries(SCHEDULER_PRESETS).map(([name, { title }]) => ({ name, title }));
  return [{ name: DEFAULT_PRESET, title: 'As the model has it' }, ...presets];
}

function firstProblem(problems: readonly Problem[]): Problem {
  return problems[0] ?? { code: 'graph.damaged', severity: 'error', message: 'The graph is empty.' };
}
