import type { GraphDocument } from '../graphs/document.ts';
import type { NodeRegistry } from '../nodes/define-node.ts';
import type { ModelFacts } from '../nodes/facts.ts';
import type { Result } from '../nodes/problem.ts';
import type { Device, MemoryMode } from './evaluator/protocol.ts';
import { type EvaluatorProcess, launchEvaluator } from './evaluator-process.ts';
import { createFactFinder } from './facts.ts';
import type { FactsTable } from './facts-table.ts';
import type { FilePolicy } from './file-access.ts';
import type { RunEvent } from './run-events.ts';
import { type GraphRun, type RunRequest, runGraph } from './run-graph.ts';

/** Where the evaluator stands. `died`: by itself; the next run starts a new one. */
export type EvaluatorState = 'starting' | 'ready' | 'stopped' | 'died';

/** What a host is made of. */
export interface HostParts {
  readonly registry: NodeRegistry;
  /** The module that calls `startEvaluator`. */
  readonly evaluatorEntry: string;
  /** Flags of node for the evaluator process; left out: those of this process. */
  readonly evaluatorArgv?: readonly string[];
  readonly packsRoot: string;
  /** Null: nothing is kept on the disk. */
  readonly cacheFolder: string | null;
  readonly diskCacheBytes: number;
  readonly memoryCacheBytes: number;
  readModelFacts(path: string, configPath: string | null): Promise<Result<ModelFacts>>;
  /** What evaluators write to stdout and stderr. */
  onEvaluatorOutput?(text: string): void;
}

/** Holds the evaluator and starts runs in it. Lives as long as the program. */
export interface Host {
  readonly registry: NodeRegistry;
  readonly cacheFolder: string | null;
  readonly packsRoot: string;
  readonly readModelFacts: HostParts['readModelFacts'];
  /** Process id of the evaluator, while there is one. */
  readonly evaluatorPid: number | undefined;
  run(request: RunRequest, onEvent: (event: RunEvent) => void): GraphRun;
  findFacts(document: GraphDocument, policy: FilePolicy): Promise<FactsTable>;
  /** Starts the evaluator that a run with no wishes of its own gets, unless there is one: the first run need not wait for it. */
  warmUp(): void;
  /** Tells every change of the evaluator's state until the function returned is called. */
  watchEvaluator(listener: (state: EvaluatorState) => void): () => void;
  /** Lets the evaluator finish writing what it keeps, and ends it. */
  close(): Promise<void>;
}

/** A host without an evaluator; `warmUp` or the first run starts one. */
export function createHost(parts: HostParts): Host {
  const facts = createFactFinder(parts);
  let current: { readonly settings: string; readonly process: EvaluatorProcess } | undefined;
  let isTaken = false;
  const watchers = new Set<(state: EvaluatorState) => void>();
  const tell = (state: EvaluatorState): void => {
    for (const watcher of watchers) watcher(state);
  };

  /** Processes that were told to finish and are not gone yet. */
  const closing = new Set<Promise<void>>();
  const close = (process: EvaluatorProcess): void => {
    const gone = process.close().finally(() => closing.delete(gone));
    closing.add(gone);
  };

  const launch = (device: Device, memory: MemoryMode): EvaluatorProcess => {
    tell('starting');
    const isCurrent = (): boolean => current?.process === launched;
    const launched: EvaluatorProcess = launchEvaluator({
      entry: parts.evaluatorEntry,
      ...(parts.evaluatorArgv === undefined ? {} : { execArgv: parts.evaluatorArgv }),
      options: {
        device,
        memory,
        cacheFolder: parts.cacheFolder,
        diskCacheBytes: parts.diskCacheBytes,
        memoryCacheBytes: parts.memoryCacheBytes,
      },
      // The end of one that has been replaced says nothing about the one that is there.
      onReady: () => isCurrent() && tell('ready'),
      onDeath: (death) => isCurrent() && tell(death.wanted ? 'stopped' : 'died'),
      onOutput: (text) => parts.onEvaluatorOutput?.(text),
    });
    return launched;
  };

  return {
    registry: parts.registry,
    cacheFolder: parts.cacheFolder,
    packsRoot: parts.packsRoot,
    readModelFacts: parts.readModelFacts,
    get evaluatorPid() {
      return current?.process.isAlive ? current.process.pid : undefined;
    },
    findFacts: facts.find,
    warmUp() {
      if (current === undefined) current = { settings: settingsOf('auto', 'auto'), process: launch('auto', 'auto') };
    },
    run(request, onEvent) {
      return runGraph(
        {
          takeEvaluator(device, memory) {
            if (isTaken) return undefined;
            isTaken = true;
            const settings = settingsOf(device, memory);
            if (current?.settings === settings && current.process.isAlive) return current.process;
            if (current !== undefined) close(current.process);
            current = { settings, process: launch(device, memory) };
            return current.process;
          },
          giveEvaluatorBack: () => {
            isTaken = false;
          },
          findFacts: facts.find,
        },
        request,
        onEvent,
      );
    },
    watchEvaluator(listener) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
    async close() {
      if (current !== undefined) close(current.process);
      await Promise.all(closing);
    },
  };
}

function settingsOf(device: Device, memory: MemoryMode): string {
  return `${device} ${memory}`;
}
