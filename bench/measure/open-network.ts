import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Contestant } from './alternate.ts';
import { PACKAGE_ROOT } from './run-command.ts';

/** A network in a process of its own. */
export interface OpenNetwork extends Contestant {
  /** From the start of opening to the first moment at which it could run. */
  readonly openMs: number;
  /** Resident right after opening. */
  readonly rssBytes: number;
  /** What the last pass gave. */
  output(): Promise<readonly number[]>;
  /** Ends the process and gives the most that it ever had resident. */
  end(): Promise<number>;
}

/** Which network, and how. */
export interface NetworkRequest {
  readonly checkpoint: string;
  readonly width: number;
  readonly height: number;
  readonly rows?: number;
}

/** Opens a U-Net of Emulsion. */
export function openOurs(name: string, mode: 'streaming' | 'resident', request: NetworkRequest): Promise<OpenNetwork> {
  return open(name, process.execPath, [join(PACKAGE_ROOT, 'dist/bench/measure/network-process.mjs'), '--mode', mode, ...describe(request)]);
}

/** Opens a U-Net with a script of bench/peers/. */
export function openPeer(name: string, script: string, request: NetworkRequest, more: readonly string[] = []): Promise<OpenNetwork> {
  return open(name, PEER_PYTHON, [join(PEERS, script), ...describe(request), ...more]);
}

/** Opens whatever a Python script that speaks bench/peers/protocol.py opens. */
export function openPython(name: string, python: string, args: readonly string[]): Promise<OpenNetwork> {
  return open(name, python, args);
}

/** Where the peers are. */
export const PEERS = join(PACKAGE_ROOT, 'bench/peers');

/** The Python that has them, once they are installed. */
export const PEER_PYTHON = join(PEERS, '.venv/bin/python');

function describe({ checkpoint, width, height, rows = 1 }: NetworkRequest): string[] {
  return ['--checkpoint', checkpoint, '--width', String(width), '--height', String(height), '--rows', String(rows)];
}

async function open(name: string, program: string, args: readonly string[]): Promise<OpenNetwork> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, unknown>> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${name} ended before it answered`);
    return JSON.parse(line.value);
  };
  const ask = async (word: string): Promise<Record<string, unknown>> => {
    child.stdin.write(`${word}\n`);
    return next();
  };
  const opened = await next();
  return {
    name,
    openMs: Number(opened['openMs']),
    rssBytes: Number(opened['rssBytes']),
    measure: async () => Number((await ask('run'))['ms']),
    async output() {
      const { values } = await ask('output');
      return Array.isArray(values) ? values.map(Number) : [];
    },
    async end() {
      const { peakBytes } = await ask('end');
      await once(child, 'close');
      return Number(peakBytes);
    },
  };
}
