import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphDocument } from '../../graphs/document.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import { buildTestEvaluator } from './open-test-host.ts';

/** What a command left when it had ended. */
export interface EndedCommand {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the last signal sent to it, or from its start. */
  readonly tookMs: number;
  /** Something it started is still there. */
  readonly leftProcesses: boolean;
}

/** A command that is running in a process group of its own, as in a terminal. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<EndedCommand>;
  /** Resolves with the match once what was written matches; rejects when the command ends before. */
  waitFor(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>;
  /** Ctrl-C reaches everything in the group. */
  pressCtrlC(): void;
}

/** A folder to run commands in, and the command line bundled with test nodes. */
export interface CommandPlace {
  readonly folder: string;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): RunningCommand;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<EndedCommand>;
  /** Writes a graph, or any text, as a file; returns its name. */
  write(name: string, content: GraphDocument | string): Promise<string>;
  close(): Promise<void>;
}

/** Opens one. `entry`: left out, the command line over test nodes. */
export async function openCommandPlace(entry?: string): Promise<CommandPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'emulsion-cli-'));
  await mkdir(join(folder, 'templates'));
  const evaluator = entry === undefined ? await buildTestEvaluator() : '';
  const program = entry ?? (await buildTestEvaluator('test/e2e/test-command-line.ts'));
  const ownEnv = {
    EMULSION_CACHE_DIR: join(folder, 'cache'),
    EMULSION_MODELS: '',
    EMULSION_TOKEN: '',
    EMULSION_TEST_EVALUATOR: evaluator,
    EMULSION_TEST_TEMPLATES: join(folder, 'templates'),
    EMULSION_TEST_PACKS: join(folder, 'packs'),
    EMULSION_TEST_EDITOR: join(folder, 'editor'),
  };
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand =>
    follow(
      spawn(process.execPath, [program, ...args], {
        cwd: folder,
        env: { ...process.env, ...ownEnv, ...env },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  return {
    folder,
    start,
    run: (args, env) => start(args, env).ended,
    async write(name, content) {
      await writeFile(join(folder, name), typeof content === 'string' ? content : writeGraph(content));
      return name;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Watches a process that leads a group of its own, with its output piped. */
export function follow(child: ChildProcess): RunningCommand {
  const text = { stdout: '', stderr: '' };
  let beganMs = performance.now();
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (more: string) => {
      text[name] += more;
      for (const watcher of watchers) watcher();
    });
  }
  const ended = new Promise<EndedCommand>((resolve) => {
    let end: { code: number | null; signal: NodeJS.Signals | null; tookMs: number } | undefined;
    child.on('exit', (code, signal) => {
      end = { code, signal, tookMs: performance.now() - beganMs };
    });
    child.on('close', () => resolve({ ...end!, ...text, leftProcesses: groupExists(child.pid!) }));
  });
  return {
    child,
    ended,
    waitFor: (stream, pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(text[stream]);
          if (found === null) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
        void ended.then(({ code, signal }) => reject(new Error(`ended (${code ?? signal}) before ${pattern}: ${text.stderr}`)));
      }),
    pressCtrlC() {
      beganMs = performance.now();
      process.kill(-child.pid!, 'SIGINT');
    },
  };
}

function groupExists(leader: number): boolean {
  try {
    process.kill(-leader, 0);
    return true;
  } catch {
    return false;
  }
}
