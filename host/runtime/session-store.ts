import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, parse } from 'node:path';
import { InferenceSession, type Tensor as OrtTensor } from 'onnxruntime-node';
import type { BuiltGraph } from '../../models/architectures/built-graph.ts';
import type { Device } from '../../models/onnx/build-options.ts';
import { externalLocation } from '../../models/onnx/external-location.ts';
import { relocateWeights } from '../../models/onnx/relocate.ts';
import { foreignSessionOptions, type LoadingMode, sessionOptionsFor } from '../../models/onnx/session-options.ts';
import { ok, type Result } from '../../nodes/problem.ts';
import { explainSessionError } from './explain-session-error.ts';
import { createSteadyPart, type SteadyPart } from './steady-part.ts';

/** What idle sessions may keep of the machine's memory before the ones not used for longest are closed. */
const MEMORY_SHARE = 0.5;

/** However small they are, more sessions than this are of no use to anybody. */
const MOST_SESSIONS = 16;

/** Named tensors that go into or come out of a session. */
export type Feeds = Readonly<Record<string, OrtTensor>>;

/** One network, opened. */
export interface OpenSession {
  readonly inputNames: readonly string[];
  run(feeds: Feeds): Promise<Result<Feeds>>;
}

/** A network that is to be opened. */
export interface SessionRequest {
  /** Equal keys mean equal graphs and weights. */
  readonly key: string;
  /** How people know it: `the U-Net of emoji`. */
  readonly title: string;
  readonly mode: LoadingMode;
  /** It has few weights and is run again and again: opening may take longer if that makes it faster. */
  readonly isSmallAndBusy?: boolean;
  build(): Result<SessionSource>;
}

/** What a session is opened from: a graph that was written here, or a file that somebody else wrote. */
export type SessionSource = Pick<BuiltGraph, 'bytes' | 'externalDataFolder' | 'once'> | ForeignGraph;

/** A file in ONNX. */
export interface ForeignGraph {
  readonly file: string;
  /** Fields of a ModelProto that count as if they stood at its end; the file is then read whole. */
  readonly added?: Uint8Array;
  /** Where its weights lie, if not where it says; by its words for it. */
  readonly elsewhere?: ReadonlyMap<string, string>;
}

/** Keeps networks open between runs, as long as memory allows. */
export interface SessionStore {
  open(request: SessionRequest): Promise<Result<OpenSession>>;
  /** Closes what a checkpoint no longer has: every session whose key starts so. */
  drop(keyPrefix: string): Promise<void>;
  close(): Promise<void>;
}

/** Where sessions compute and who is told how long they take. */
export interface SessionStoreOptions {
  readonly device: Device;
  readonly threads: number;
  onSessionTime(ms: number): void;
}

/** A store with nothing open. */
export function createSessionStore(options: SessionStoreOptions): SessionStore {
  // A Map keeps the order of insertion: the first entry is the one not used for longest.
  const sessions = new Map<string, OpenNetwork>();

  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const beganMs = performance.now();
    try {
      return await work();
    } finally {
      options.onSessionTime(performance.now() - beganMs);
    }
  };
  const release = async (key: string): Promise<void> => {
    const network = sessions.get(key);
    sessions.delete(key);
    await Promise.all([network?.session.release(), network?.once?.release()]);
  };
  const makeRoom = async (): Promise<void> => {
    for (const oldest of sessions.keys()) {
      if (sessions.size < MOST_SESSIONS && anonymousBytes() < totalmem() * MEMORY_SHARE) break;
      await release(oldest);
    }
  };
  const create = async ({ build, mode, title, isSmallAndBusy }: SessionRequest): Promise<Result<OpenNetwork>> => {
    const built = build();
    if (!built.ok) return built;
    const source = built.value;
    const folder = 'file' in source ? weightsFolderOf(source) : undefined;
    const { executionProviders, ...rest } =
      'file' in source
        ? foreignSessionOptions(mode, options.device, folder)
        : sessionOptionsFor(mode, options.device, source.externalDataFolder, isSmallAndBusy);
    const all = {
      ...rest,
      executionProviders: [...executionProviders],
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    } as const;
    try {
      const network = await timed(async () => {
        if (!('file' in source)) return openBuilt(source, all);
        if (folder === undefined) return { session: await InferenceSession.create(source.file, all) };
        return { session: await InferenceSession.create(await readForeign(source), all) };
      });
      return ok(network);
    } catch (error) {
      return explainSessionError(title, 'open', error);
    }
  };
  /** The session of this key, which is then the one used last. */
  const acquire = async (request: SessionRequest): Promise<Result<OpenNetwork>> => {
    let network = sessions.get(request.key);
    if (network === undefined) {
      await makeRoom();
      const created = await create(request);
      if (!created.ok) return created;
      network = created.value;
    }
    sessions.delete(request.key);
    sessions.set(request.key, network);
    return ok(network);
  };

  return {
    async open(request) {
      const first = await acquire(request);
      if (!first.ok) return first;
      return ok({
        inputNames: inputNamesOf(first.value),
        async run(feeds) {
          // It may have been closed to make room for another network of the same step.
          const acquired = await acquire(request);
          if (!acquired.ok) return acquired;
          const { session, once } = acquired.value;
          try {
            return ok(await timed(() => (once === undefined ? session.run({ ...feeds }) : runWithSteady(session, once, feeds))));
          } catch (error) {
            return explainSessionError(request.title, 'run', error);
          }
        },
      });
    },
    async drop(keyPrefix) {
      for (const key of [...sessions.keys()]) if (key.startsWith(keyPrefix)) await release(key);
    },
    async close() {
      for (const key of [...sessions.keys()]) await release(key);
    },
  };
}

/** A network that is open, and what of it need not run each time. */
interface OpenNetwork {
  readonly session: InferenceSession;
  readonly once?: SteadyPart | undefined;
}

/** Opens both parts, or none. */
async function openBuilt(
  { bytes, once }: Pick<BuiltGraph, 'bytes' | 'once'>,
  options: InferenceSession.SessionOptions,
): Promise<OpenNetwork> {
  const session = await InferenceSession.create(bytes, options);
  if (once === undefined) return { session };
  try {
    return { session, once: createSteadyPart(await InferenceSession.create(once.bytes, options)) };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** The names of what the network as a whole is given. */
function inputNamesOf({ session, once }: OpenNetwork): readonly string[] {
  if (once === undefined) return session.inputNames;
  const made = new Set(once.outputNames);
  return [...new Set([...session.inputNames.filter((name) => !made.has(name)), ...once.inputNames])];
}

/** Runs the rest of the network on its own feeds and on what the steady part makes of its. */
async function runWithSteady(session: InferenceSession, once: SteadyPart, feeds: Feeds): Promise<Feeds> {
  const found = once.values(feeds);
  const made = found instanceof Promise ? await found : found;
  const all: Record<string, OrtTensor> = {};
  for (const name of session.inputNames) {
    const value = made[name] ?? feeds[name];
    if (value !== undefined) all[name] = value;
  }
  return session.run(all);
}

/** The folder that its weights' locations start from; undefined where the file is opened as it is. */
function weightsFolderOf({ file, added, elsewhere }: ForeignGraph): string | undefined {
  if (elsewhere !== undefined) return parse(file).root;
  return added === undefined ? undefined : dirname(file);
}

async function readForeign({ file, added, elsewhere }: ForeignGraph): Promise<Uint8Array> {
  const bytes = await readFile(file);
  const places = [...(elsewhere ?? [])].map(([location, path]) => [location, externalLocation(path).location] as const);
  const model = elsewhere === undefined ? bytes : relocateWeights(bytes, new Map(places));
  // Protobuf joins what stands twice, so fields may follow the file.
  return added === undefined ? model : Buffer.concat([model, added]);
}

/** Memory of this process that no file stands behind; mapped weights are not counted, since they cost nothing while unused. */
function anonymousBytes(): number {
  try {
    const kib = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kib !== undefined) return Number(kib) * 1024;
  } catch {
    // Only Linux tells.
  }
  return process.memoryUsage.rss();
}
