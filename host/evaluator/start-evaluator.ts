import type { ModelRuntime } from '../../nodes/context.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import type { ModelReference } from '../../nodes/facts.ts';
import { fail, type Problem, type Result } from '../../nodes/problem.ts';
import { factsFromTable } from '../facts-table.ts';
import type { FilePolicy } from '../file-access.ts';
import { locateModel } from '../model-locator.ts';
import type { RunEvent } from '../run-events.ts';
import { openDiskCache } from '../store/disk-cache.ts';
import { createMemoryCache } from '../store/memory-cache.ts';
import { carryOut } from './carry-out.ts';
import { compileSooner } from './compile-sooner.ts';
import { createEventSender } from './event-sender.ts';
import type { Device, EvaluatorOptions, FromEvaluator, MemoryMode, RunOrder, ToEvaluator } from './protocol.ts';
import { resultHash } from './result-hash.ts';
import { createResultStore, NO_RESULTS, type ResultStore } from './result-store.ts';
import { createRunSignal, type RunSignal } from './run-signal.ts';

/** What a runtime is made with. */
export interface RuntimeOptions {
  readonly device: Device;
  readonly memory: MemoryMode;
  /** The checkpoint that a reference means, as an absolute path, if the present run may read it. */
  locate(reference: ModelReference): Promise<Result<string>>;
  /** The fingerprint that a checkpoint had a moment ago, when the present run was asked for; undefined: nobody has looked. */
  seen?(reference: ModelReference, configPath: string | null): string | undefined;
  /** Says something worth knowing in a plain sentence. */
  note(message: string): void;
  /** Told how long each model session call took. */
  onSessionTime?(ms: number): void;
}

/** A model runtime that holds sessions until it is closed. */
export type ClosableRuntime = ModelRuntime & { close(): Promise<void> };

/** What an evaluator is made of; tests put in other nodes and models. */
export interface EvaluatorParts {
  readonly registry: NodeRegistry;
  createRuntime(options: RuntimeOptions): ClosableRuntime;
}

/** Makes this process an evaluator: it does what its parent says until it is told to close or the parent is gone. */
export function startEvaluator(parts: EvaluatorParts): void {
  let evaluator: Evaluator | undefined;
  // Ctrl-C reaches the whole process group; the parent decides what becomes of the run.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message: ToEvaluator) => {
    switch (message.kind) {
      case 'configure':
        evaluator = createEvaluator(parts, message.options);
        send({ kind: 'ready' });
        return;
      case 'run':
        void evaluator?.run(message.order);
        return;
      case 'cancel':
        evaluator?.cancel(message.runId);
        return;
      case 'close':
        void (evaluator?.close() ?? Promise.resolve()).then(() => process.exit(0));
        return;
      default:
        message satisfies never;
    }
  });
}

interface Evaluator {
  run(order: RunOrder): Promise<void>;
  cancel(runId: string): void;
  close(): Promise<void>;
}

function createEvaluator(parts: EvaluatorParts, options: EvaluatorOptions): Evaluator {
  let current: { readonly order: RunOrder; readonly signal: RunSignal } | undefined;
  let modelMs = 0;
  /** What is said before or between runs is told at the beginning of the next. */
  const waiting: RunEvent[] = [];
  const tell = createEventSender((runId, events) => send({ kind: 'events', runId, events }));
  const emit = (event: RunEvent): void => {
    if (current === undefined) waiting.push(event);
    else tell(current.order.runId, event);
  };
  const warn = (found: Problem): void => emit({ kind: 'problem', problem: found });

  const runtime = parts.createRuntime({
    device: options.device,
    memory: options.memory,
    locate: async (reference) => {
      const policy: FilePolicy | undefined = current?.order.policy;
      return policy === undefined
        ? fail('model.missing', 'No run is going on, so no model can be opened.')
        : locateModel(reference, policy);
    },
    seen(reference, configPath) {
      const facts = current && factsFromTable(current.order.facts).modelFacts(reference, configPath);
      return facts?.ok ? facts.value.fingerprint : undefined;
    },
    note: (message) => emit({ kind: 'note', message }),
    onSessionTime: (ms) => {
      modelMs += ms;
    },
  });
  const disk =
    options.cacheFolder === null ? undefined : openDiskCache({ folder: options.cacheFolder, maxBytes: options.diskCacheBytes, warn });
  const tidied = new Set<string>();
  const results: ResultStore = createResultStore(createMemoryCache(options.memoryCacheBytes), disk);

  return {
    async run(order) {
      const signal = createRunSignal();
      current = { order, signal };
      for (const event of waiting.splice(0)) emit(event);
      const ended = await carryOut(
        order,
        {
          registry: parts.registry,
          models: runtime,
          results: order.useCache ? results : NO_RESULTS,
          hash: resultHash(options.device, options.memory),
          modelMs: () => modelMs,
          now: () => performance.now(),
          tidied,
        },
        signal,
        emit,
      );
      const writing = ended.outcome === 'cancelled' ? undefined : results.firstWritten();
      if (writing !== undefined) await writing;
      emit(ended);
      current = undefined;
      results.settle();
      compileSooner();
    },
    cancel(runId) {
      if (current?.order.runId === runId) current.signal.cancel();
    },
    async close() {
      await disk?.flush();
      await runtime.close();
    },
  };
}

function send(message: FromEvaluator): void {
  // The channel is there: this process was forked. A parent that is gone is noticed by `disconnect`.
  if (process.connected) process.send?.(message);
}
