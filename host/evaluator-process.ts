import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { EvaluatorOptions, FromEvaluator, RunOrder, ToEvaluator } from './evaluator/protocol.ts';
import type { RunEnded, RunEvent } from './run-events.ts';

/** How much of what a process wrote to stderr is kept to explain its death. */
const STDERR_TAIL_CHARACTERS = 16_384;

/** How long a process may take to finish writing after it was told to close. */
const CLOSE_PATIENCE_MS = 5_000;

/** How an evaluator process ended. */
export interface EvaluatorDeath {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It was killed or closed from here. */
  readonly wanted: boolean;
  /** It had not said that it is ready. */
  readonly duringStart: boolean;
  readonly stderrTail: string;
  /** The kernel's count of processes killed for memory went up meanwhile. */
  readonly oomKilled: boolean;
}

/** One running evaluator. Runs one order at a time. */
export interface EvaluatorProcess {
  readonly pid: number | undefined;
  /** False once it has died, or has been told to. */
  readonly isAlive: boolean;
  /** Resolves with the run's last event, or with the death of the process. */
  run(order: RunOrder, onEvent: (event: RunEvent) => void): Promise<RunEnded | EvaluatorDeath>;
  /** Asks the run to stop between two model calls. */
  cancel(runId: string): void;
  /** Ends the process at once, whatever it does; resolves when it is gone. */
  kill(): Promise<void>;
  /** Lets it finish what it is writing, then ends it. */
  close(): Promise<void>;
}

/** How an evaluator process is started. */
export interface EvaluatorLaunch {
  /** The module that calls `startEvaluator`. */
  readonly entry: string;
  readonly execArgv?: readonly string[];
  readonly options: EvaluatorOptions;
  onReady(): void;
  onDeath(death: EvaluatorDeath): void;
  /** What it writes to stdout and stderr, for logs. */
  onOutput(text: string): void;
}

/** Starts an evaluator process. */
export function launchEvaluator(launch: EvaluatorLaunch): EvaluatorProcess {
  let oomKillsBefore = countOomKills();
  const child = fork(launch.entry, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(launch.execArgv === undefined ? {} : { execArgv: [...launch.execArgv] }),
  });
  let stderrTail = '';
  let isReady = false;
  let isWantedGone = false;
  let death: EvaluatorDeath | undefined;
  let run:
    | { readonly order: RunOrder; readonly onEvent: (event: RunEvent) => void; readonly end: (end: RunEnded | EvaluatorDeath) => void }
    | undefined;

  const gone = new Promise<EvaluatorDeath>((resolve) => {
    const onGone = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
      if (death !== undefined) return;
      death = { exitCode, signal, wanted: isWantedGone, duringStart: !isReady, stderrTail, oomKilled: countOomKills() > oomKillsBefore };
      const ended = run;
      run = undefined;
      launch.onDeath(death);
      ended?.end(death);
      resolve(death);
    };
    // `close` comes after the last output; `error` where the process could not even be started.
    child.on('close', onGone);
    child.on('error', (error) => {
      stderrTail += error.message;
      if (child.pid === undefined) onGone(null, null);
    });
  });
  child.stdout?.setEncoding('utf8').on('data', launch.onOutput);
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderrTail = (stderrTail + text).slice(-STDERR_TAIL_CHARACTERS);
    launch.onOutput(text);
  });
  child.on('message', (message: FromEvaluator) => {
    if (message.kind === 'ready') {
      isReady = true;
      launch.onReady();
      return;
    }
    for (const event of message.events) {
      if (run?.order.runId !== message.runId) return;
      const { onEvent, end } = run;
      if (event.kind === 'ended') {
        run = undefined;
        end(event);
      } else {
        onEvent(event);
      }
    }
  });
  tell(child, { kind: 'configure', options: launch.options });

  return {
    pid: child.pid,
    get isAlive() {
      return death === undefined && !isWantedGone;
    },
    run: (order, onEvent) =>
      new Promise((resolve) => {
        if (death !== undefined) {
          resolve(death);
          return;
        }
        if (isReady) {
          // What happened during earlier runs explains nothing about this one.
          stderrTail = '';
          oomKillsBefore = countOomKills();
        }
        run = { order, onEvent, end: resolve };
        tell(child, { kind: 'run', order });
      }),
    cancel: (runId) => tell(child, { kind: 'cancel', runId }),
    async kill() {
      isWantedGone = true;
      child.kill('SIGKILL');
      await gone;
    },
    async close() {
      if (death !== undefined) return;
      isWantedGone = true;
      tell(child, { kind: 'close' });
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_PATIENCE_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** A message to a process that may just have died; its death is told by `close`. */
function tell(child: ChildProcess, message: ToEvaluator): void {
  if (child.connected) child.send(message, () => undefined);
}

/** How many processes the kernel has killed for memory, in this container and on this machine; 0 where it does not say. */
function countOomKills(): number {
  let count = 0;
  for (const path of ['/sys/fs/cgroup/memory.events', '/proc/vmstat']) {
    try {
      count += Number(/^oom_kill (\d+)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? 0);
    } catch {
      // Not Linux, or another kind of cgroup.
    }
  }
  return count;
}
