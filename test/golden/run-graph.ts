import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { BuiltGraph } from '../../models/architectures/built-graph.ts';
import { type LoadingMode, sessionOptionsFor } from '../../models/onnx/session-options.ts';
import { openSafetensors } from '../../models/safetensors.ts';
import type { TensorSource, WeightSource } from '../../models/weights.ts';
import { unwrap } from '../unwrap.ts';

/** One input of a graph: float32 values, or int32 where they are an Int32Array. */
export interface Feed {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** A safetensors file as weights under the names that it has. */
export async function weightsOf(path: string): Promise<WeightSource> {
  const file = unwrap(await openSafetensors(path));
  return {
    get(name): TensorSource | undefined {
      const entry = file.tensors.get(name);
      return entry && { path: file.path, dtype: entry.dtype, shape: entry.shape, byteOffset: entry.offset, byteLength: entry.length };
    },
    names: () => file.tensors.keys(),
  };
}

/** Opens a built graph in onnxruntime, runs it once and closes it. */
export async function runGraph(
  built: BuiltGraph,
  feeds: Readonly<Record<string, Feed>>,
  mode: LoadingMode = 'streaming',
): Promise<Record<string, Float32Array>> {
  const session = await openSession(built, mode);
  try {
    return await runSession(session, feeds);
  } finally {
    await session.release();
  }
}

/** The model that onnxruntime makes of a built graph before it runs it. */
export async function optimiseGraph(built: BuiltGraph, mode: LoadingMode): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'emulsion-optimised-'));
  try {
    const optimizedModelFilePath = join(folder, 'model.onnx');
    const session = await openSession(built, mode, { optimizedModelFilePath });
    await session.release();
    return await readFile(optimizedModelFilePath);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Graphs that several tests run: opened at the first use of their key and closed together. */
export class OpenGraphs {
  readonly #sessions = new Map<string, ort.InferenceSession>();

  /** Runs the graph of this key, which `build` gives the first time. */
  async run(
    key: string,
    build: () => BuiltGraph,
    feeds: Readonly<Record<string, Feed>>,
    mode: LoadingMode = 'streaming',
  ): Promise<Record<string, Float32Array>> {
    const known = this.#sessions.get(`${mode} ${key}`);
    const session = known ?? (await openSession(build(), mode));
    this.#sessions.set(`${mode} ${key}`, session);
    return runSession(session, feeds);
  }

  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }
}

function openSession(built: BuiltGraph, mode: LoadingMode, more: ort.InferenceSession.SessionOptions = {}): Promise<ort.InferenceSession> {
  const options = sessionOptionsFor(mode, 'cpu', built.externalDataFolder);
  return ort.InferenceSession.create(built.bytes, {
    ...options,
    executionProviders: [...options.executionProviders],
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
    ...more,
  });
}

async function runSession(session: ort.InferenceSession, feeds: Readonly<Record<string, Feed>>): Promise<Record<string, Float32Array>> {
  const tensors = Object.entries(feeds).map(([name, { data, shape }]) => [
    name,
    data instanceof Int32Array ? new ort.Tensor('int32', data, [...shape]) : new ort.Tensor('float32', data, [...shape]),
  ]);
  const results = await session.run(Object.fromEntries(tensors));
  // The graphs declare float32 outputs only.
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

/** The largest absolute difference, relative to the largest expected value where that is above one; NaN if any value is. */
export function differenceOf(got: Float32Array | undefined, want: Float32Array): number {
  if (got?.length !== want.length) throw new Error(`${got?.length} values where ${want.length} are wanted`);
  let difference = 0;
  let largest = 1;
  for (let index = 0; index < want.length; index++) {
    const expected = want[index] ?? Number.NaN;
    const distance = Math.abs((got[index] ?? Number.NaN) - expected);
    if (Number.isNaN(distance)) return Number.NaN;
    difference = Math.max(difference, distance);
    largest = Math.max(largest, Math.abs(expected));
  }
  return difference / largest;
}
