import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { GraphDocument } from '../graphs/document.ts';
import { type Problem, problem } from '../nodes/problem.ts';
import type { Device, DumpOrder, MemoryMode } from './evaluator/protocol.ts';
import type { EvaluatorDeath, EvaluatorProcess } from './evaluator-process.ts';
import { explainDeath } from './explain-death.ts';
import type { FactsTable } from './facts-table.ts';
import type { FilePolicy } from './file-access.ts';
import type { NodeRunState, RunEnded, RunEvent } from './run-events.ts';
import { dropPartialDumps, dropPartialFiles } from './store/partial-files.ts';

/** How long a cancelled run may take to stop by itself. */
const CANCEL_PATIENCE_MS = 400;

/** What to run and how. */
export interface RunRequest {
  /** A unique one is made where it is left out. */
  readonly id?: string;
  readonly document: GraphDocument;
  /** Node ids; left out: every node with effects, or every last one where there are none. */
  readonly targets?: readonly string[];
  /** Their nodes are run too, beside the targets. */
  readonly dumps?: readonly DumpOrder[];
  readonly policy: FilePolicy;
  /** Absolute; null: pictures are not written. */
  readonly outFolder: string | null;
  readonly device: Device;
  readonly memory: MemoryMode;
  readonly useCache: boolean;
  /** Somebody looks at work in progress. */
  readonly previews: boolean;
}

/** A run that has been started. */
export interface GraphRun {
  readonly id: string;
  /** Never rejects, unless the listener throws. The same event has been given to the listener before. */
  readonly ended: Promise<RunEnded>;
  /** Stops between two model calls, or by force where that takes too long. */
  cancel(): void;
  /** Stops at once: the evaluator is killed. */
  stop(): void;
}

/** What a run borrows from its host. */
export interface RunHost {
  /** The evaluator for these settings: the one that is there, or a new one. Undefined: another run has it. */
  takeEvaluator(device: Device, memory: MemoryMode): EvaluatorProcess | undefined;
  giveEvaluatorBack(): void;
  findFacts(document: GraphDocument, policy: FilePolicy): Promise<FactsTable>;
}

/** Starts a run. The window, the command line, the server and the tests all come through here; nothing else starts one. */
export function runGraph(host: RunHost, request: RunRequest, onEvent: (event: RunEvent) => void): GraphRun {
  const id = request.id ?? randomUUID();
  const beganMs = performance.now();
  const states = new Map<string, { readonly title: string; readonly state: NodeRunState }>();
  let stopping: 'cancel' | 'stop' | undefined;
  let tellStopping: () => void = () => undefined;
  const stopAsked = new Promise<'stopped'>((resolve) => {
    tellStopping = () => resolve('stopped');
  });
  let isOver = false;
  let evaluator: EvaluatorProcess | undefined;
  let patience: NodeJS.Timeout | undefined;

  let isHeard = false;
  const emit = (event: RunEvent): void => {
    isHeard = true;
    if (event.kind === 'state') states.set(event.nodeId, { title: event.title, state: event.state });
    onEvent(event);
  };
  const end = (outcome: RunEnded['outcome'], problems: readonly Problem[]): RunEnded => ({
    kind: 'ended',
    outcome,
    problems,
    durationMs: performance.now() - beganMs,
    modelMs: 0,
  });

  /** Deletes what an evaluator that died was writing. */
  const tidy = async (): Promise<void> => {
    if (request.outFolder !== null) await dropPartialFiles(request.outFolder, evaluator?.pid);
    for (const { path } of request.dumps ?? []) await dropPartialDumps(path);
  };
  const settleDeath = (death: EvaluatorDeath): RunEnded => {
    const running = [...states].find(([, { state }]) => state.kind === 'running');
    const open = [...states].filter(([, { state }]) => state.kind === 'running' || state.kind === 'queued');
    if (stopping !== undefined || death.wanted) {
      for (const [nodeId, { title }] of open) emit({ kind: 'state', nodeId, title, state: { kind: 'cancelled' } });
      return end('cancelled', []);
    }
    const reason = explainDeath(death, running?.[1].title);
    const found: Problem = running === undefined ? reason : { ...reason, nodeId: running[0] };
    for (const [nodeId, { title, state }] of open) {
      const next: NodeRunState =
        state.kind === 'running' || running === undefined
          ? { kind: 'failed', problem: found }
          : { kind: 'skipped', because: running[0], reason: 'failed' };
      emit({ kind: 'state', nodeId, title, state: next });
    }
    const earlier = [...states.values()].flatMap(({ state }) =>
      state.kind === 'failed' && state.problem !== found ? [state.problem] : [],
    );
    return end('failed', [...earlier, found]);
  };

  const carryOut = async (): Promise<RunEnded> => {
    // Nothing is told before the caller has the run in hand, and a client the answer to its call.
    await setImmediate();
    // First of all, so that it starts up while the files are looked at.
    evaluator = host.takeEvaluator(request.device, request.memory);
    if (evaluator === undefined) {
      return end('failed', [problem('run.busy', 'Another run is going on. Wait until it has ended, or cancel it.')]);
    }
    try {
      // Large pictures are hashed, which nobody who cancels waits for.
      const facts = await Promise.race([host.findFacts(request.document, request.policy), stopAsked]);
      if (facts === 'stopped' || stopping !== undefined) return end('cancelled', []);
      const { device: _device, memory: _memory, targets = null, dumps = [], ...rest } = request;
      const order = { ...rest, runId: id, targets, dumps, facts };
      let finished = await evaluator.run(order, emit);
      if ('kind' in finished) return finished;
      await tidy();
      if (!isHeard && stopping === undefined && !finished.wanted && !finished.duringStart) {
        // It said nothing of this run: most likely it was gone before, and word of that came too late. A run that kills it does so again.
        host.giveEvaluatorBack();
        evaluator = host.takeEvaluator(request.device, request.memory);
        finished = (await evaluator?.run(order, emit)) ?? finished;
        if ('kind' in finished) return finished;
        await tidy();
      }
      return settleDeath(finished);
    } finally {
      isOver = true;
      clearTimeout(patience);
      host.giveEvaluatorBack();
    }
  };

  const ended = carryOut()
    .catch((error: unknown) => end('failed', [explainBug(error)]))
    .then((last) => {
      onEvent(last);
      return last;
    });
  return {
    id,
    ended,
    cancel() {
      if (isOver || stopping !== undefined) return;
      stopping = 'cancel';
      tellStopping();
      evaluator?.cancel(id);
      patience = setTimeout(() => void evaluator?.kill(), CANCEL_PATIENCE_MS);
    },
    stop() {
      if (isOver || stopping === 'stop') return;
      stopping = 'stop';
      tellStopping();
      void evaluator?.kill();
    },
  };
}

function explainBug(error: unknown): Problem {
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 300) ?? '';
  return problem('node.threw', `The run could not be prepared: ${reason}. This is a mistake in Emulsion or a node; please report it.`);
}
