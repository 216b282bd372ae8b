import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findModelsRoot } from '../../models/models-root.ts';

/** The folder of the checkout. */
export const PACKAGE_ROOT = dirname(findModelsRoot());

const BUNDLE = join(PACKAGE_ROOT, 'dist/emulsion.mjs');

/** One line of `trace-sessions.mjs`. */
interface TraceLine {
  readonly pid: number;
  readonly entry: string;
  readonly kind: 'start' | 'exit' | 'loaded' | 'loadModel' | 'run';
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly tookMs?: number;
  readonly rssBytes?: number;
  readonly peakKib?: number;
  readonly inputs?: readonly string[];
}

/** An event as `--json` writes it, with the time since the command was started. */
export interface TimedEvent {
  readonly atMs: number;
  readonly event: string;
  readonly nodeId?: string;
  readonly done?: number;
  readonly state?: { readonly kind: string; readonly durationMs?: number };
  readonly outcome?: string;
  readonly problems?: readonly { readonly message: string }[];
  readonly durationMs?: number;
  readonly modelMs?: number;
}

/** A command that has run, and when what happened. All times are milliseconds since it was started. */
export interface MeasuredCommand {
  readonly exitCode: number | null;
  readonly tookMs: number;
  readonly events: readonly TimedEvent[];
  /** Calls into onnxruntime by the evaluator. */
  readonly calls: readonly {
    readonly kind: 'loadModel' | 'run';
    readonly atMs: number;
    readonly tookMs: number;
    readonly rssBytes: number;
    readonly inputs: readonly string[];
  }[];
  readonly evaluatorStartMs: number | undefined;
  readonly evaluatorPeakBytes: number | undefined;
  readonly stderr: string;
}

/**
 * Runs the real `emulsion` with a cache folder and an output folder of its own, and traces its evaluator. In a checkout whose sources
 * have just been edited the command first bundles them anew; that is run once more.
 */
export async function runCommand(args: readonly string[]): Promise<MeasuredCommand> {
  const before = (await stat(BUNDLE)).mtimeMs;
  const command = await runOnce(args);
  return (await stat(BUNDLE)).mtimeMs === before ? command : runCommand(args);
}

async function runOnce(args: readonly string[]): Promise<MeasuredCommand> {
  const folder = await mkdtemp(join(tmpdir(), 'emulsion-bench-'));
  const trace = join(folder, 'trace.jsonl');
  const hook = pathToFileURL(join(PACKAGE_ROOT, 'bench/measure/trace-sessions.mjs')).href;
  const beganMs = performance.timeOrigin + performance.now();
  const child = spawn(process.execPath, [join(PACKAGE_ROOT, 'bin/emulsion.mjs'), ...args, '--json', '--out', join(folder, 'out')], {
    cwd: folder,
    env: {
      ...process.env,
      NODE_OPTIONS: `--import=${hook}`,
      EMULSION_BENCH_TRACE: trace,
      EMULSION_CACHE_DIR: join(folder, 'cache'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const since = (epochMs: number): number => epochMs - beganMs;
  const events: TimedEvent[] = [];
  let rest = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const atMs = since(performance.timeOrigin + performance.now());
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) events.push({ atMs, ...JSON.parse(line) });
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const tookMs = since(performance.timeOrigin + performance.now());
  const lines: TraceLine[] = (await readFile(trace, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  await rm(folder, { recursive: true, force: true });
  const own = lines.filter((line) => line.entry === 'evaluator.mjs');
  const peakKib = own.find((line) => line.kind === 'exit')?.peakKib;
  const start = own.find((line) => line.kind === 'start')?.atMs;
  return {
    exitCode,
    tookMs,
    events,
    stderr,
    evaluatorStartMs: start === undefined ? undefined : since(start),
    evaluatorPeakBytes: peakKib === undefined ? undefined : peakKib * 1024,
    calls: own.flatMap((line) =>
      line.kind === 'loadModel' || line.kind === 'run'
        ? [{ kind: line.kind, atMs: since(line.atMs), tookMs: line.tookMs ?? 0, rssBytes: line.rssBytes ?? 0, inputs: line.inputs ?? [] }]
        : [],
    ),
  };
}

/** Ends the benchmark with what the command said when it failed: there is nothing to measure then. */
export function expectSuccess(command: MeasuredCommand): void {
  if (command.exitCode === 0) return;
  const said = command.events.flatMap((event) => (event.problems ?? []).map((problem) => problem.message));
  throw new Error(`emulsion ended with exit code ${command.exitCode}: ${[...said, command.stderr].join(' ')}`);
}
