import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { emptyDocument, type GraphDocument, type GraphNode } from '../../graphs/document.ts';
import { createHost, type EvaluatorState, type Host } from '../../host/create-host.ts';
import type { FilePolicy } from '../../host/file-access.ts';
import type { RunEnded, RunEvent } from '../../host/run-events.ts';
import type { RunRequest } from '../../host/run-graph.ts';
import { fail } from '../../nodes/problem.ts';
import { testRegistry } from './test-nodes.ts';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const bundles = join(root, 'node_modules/.cache/emulsion');

/** Bundles the test evaluator, once for each process that asks; returns its path. */
export async function buildTestEvaluator(entry = 'test/e2e/test-evaluator.ts'): Promise<string> {
  const outfile = join(bundles, `${basename(entry, '.ts')}-${process.pid}-${randomUUID()}.mjs`);
  await dropOldBundles();
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    logLevel: 'warning',
  });
  return outfile;
}

/** Bundles must lie inside the repository to find its packages, so they are not in a folder that the system empties. */
async function dropOldBundles(): Promise<void> {
  for (const name of await readdir(bundles).catch(() => [])) {
    const path = join(bundles, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > 3_600_000) await rm(path, { force: true });
  }
}

/** A host with test nodes in a folder of its own. */
export interface TestHost {
  readonly host: Host;
  readonly folder: string;
  readonly policy: FilePolicy;
  readonly evaluatorStates: EvaluatorState[];
  /** Runs a graph to its end. */
  run(document: GraphDocument, more?: Partial<RunRequest>): Promise<{ ended: RunEnded; events: RunEvent[] }>;
  request(document: GraphDocument, more?: Partial<RunRequest>): RunRequest;
  close(): Promise<void>;
}

/** Opens a host over real, forked test evaluators. A folder that is given is left as it is. */
export async function openTestHost(
  evaluatorEntry: string,
  more: {
    evaluatorArgv?: readonly string[];
    cacheFolder?: string | null;
    diskCacheBytes?: number;
    memoryCacheBytes?: number;
    folder?: string;
  } = {},
): Promise<TestHost> {
  const { folder: given, ...parts } = more;
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'emulsion-host-')));
  const evaluatorStates: EvaluatorState[] = [];
  const host = createHost({
    registry: testRegistry,
    evaluatorEntry,
    evaluatorArgv: [],
    packsRoot: join(folder, 'packs'),
    cacheFolder: join(folder, 'cache'),
    diskCacheBytes: 1e8,
    memoryCacheBytes: 1e8,
    readModelFacts: async () => fail('model.missing', 'The test host has no models.'),
    ...parts,
  });
  host.watchEvaluator((state) => evaluatorStates.push(state));
  const policy: FilePolicy = { baseFolders: [folder], readFolders: [], modelFolders: [], packsRoot: join(folder, 'packs'), trusted: [] };
  const request = (document: GraphDocument, changes: Partial<RunRequest> = {}): RunRequest => ({
    document,
    policy,
    outFolder: join(folder, 'out'),
    device: 'auto',
    memory: 'auto',
    useCache: true,
    previews: false,
    ...changes,
  });
  return {
    host,
    folder,
    policy,
    evaluatorStates,
    request,
    async run(document, changes) {
      const events: RunEvent[] = [];
      const ended = await host.run(request(document, changes), (event) => events.push(event)).ended;
      return { ended, events };
    },
    async close() {
      await host.close();
      if (given === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A document from nodes (`id: [type, params]`) and wires (`from.output > to.input`). */
export function makeDocument(
  nodes: Record<string, [type: string, params?: Record<string, unknown>]>,
  wires: readonly string[] = [],
): GraphDocument {
  const edges = wires.map((wire, at) => {
    const [, from, output, to, input] = /^(\w+)\.(\w+) > (\w+)\.(\w+)$/.exec(wire)!;
    return [`e${at}`, { from: { node: from, output }, to: { node: to, input, index: at } }];
  });
  const made: [string, GraphNode][] = Object.entries(nodes).map(([id, [type, params = {}]]) => [id, { type, version: 1, params }]);
  return { ...emptyDocument(), nodes: Object.fromEntries(made), edges: Object.fromEntries(edges) } as GraphDocument;
}

/** The last state of every node. */
export function lastStates(events: readonly RunEvent[]): Record<string, string> {
  const states: Record<string, string> = {};
  for (const event of events) {
    if (event.kind === 'state') states[event.nodeId] = event.state.kind === 'done' && event.state.cached ? 'cached' : event.state.kind;
  }
  return states;
}
