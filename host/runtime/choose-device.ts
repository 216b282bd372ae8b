import { availableParallelism } from 'node:os';
import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../models/onnx/encode-model.ts';
import { GraphBuilder } from '../../models/onnx/graph-builder.ts';
import { matMul } from '../../models/onnx/operators.ts';
import type { Device as WantedDevice } from '../evaluator/protocol.ts';

/** A device that onnxruntime computes on here. */
export type ChosenDevice = 'cpu' | 'webgpu' | 'cuda';

/** Where sessions are opened, and with how many threads. */
export interface DeviceChoice {
  readonly device: ChosenDevice;
  readonly threads: number;
}

const PROBE_SIZE = 512;

/** Software adapters and integrated graphics may be slower than the processor; a device must be clearly faster to be chosen unasked. */
const WORTH_IT = 2;

const TITLES: Readonly<Record<ChosenDevice, string>> = { cpu: 'the CPU', webgpu: 'the GPU (WebGPU)', cuda: 'the GPU (CUDA)' };

/**
 * The device that was asked for, if a small product computes right on it; with `auto` the first of CUDA and WebGPU that is there and
 * clearly faster than the CPU. Says what it chose instead, and why.
 */
export async function chooseDevice(options: { readonly device: WantedDevice; note(message: string): void }): Promise<DeviceChoice> {
  const threads = countThreads();
  if (options.device === 'cpu') return { device: 'cpu', threads };
  const candidates: readonly ChosenDevice[] = options.device === 'auto' ? presentDevices() : [options.device];
  let cpuMs: number | undefined;
  for (const device of candidates) {
    const probed = await probe(device, threads);
    if (typeof probed === 'string') {
      if (options.device !== 'auto') options.note(`Computing on the CPU: ${TITLES[device]} cannot be used here (${probed}).`);
      continue;
    }
    if (options.device !== 'auto') return { device, threads };
    if (cpuMs === undefined) {
      const measured = await probe('cpu', threads);
      cpuMs = typeof measured === 'string' ? Number.POSITIVE_INFINITY : measured;
    }
    if (cpuMs > WORTH_IT * probed) {
      options.note(`Computing on ${TITLES[device]}.`);
      return { device, threads };
    }
  }
  return { device: 'cpu', threads };
}

/** CUDA is listed wherever it could be installed; only its libraries beside the binding make it real. */
function presentDevices(): ChosenDevice[] {
  const bundled = new Map(listSupportedBackends().map(({ name, bundled }) => [name, bundled]));
  return (['cuda', 'webgpu'] as const).filter((device) => bundled.get(device) === true);
}

/** Milliseconds that a product takes on a device, or why it can't be used. */
async function probe(device: ChosenDevice, threads: number): Promise<number | string> {
  const graph = new GraphBuilder('probe');
  const shape = [PROBE_SIZE, PROBE_SIZE];
  const a = graph.input('a', 'float32', shape);
  const b = graph.input('b', 'float32', shape);
  graph.output(matMul(graph, 'product', a, b), 'c', 'float32', shape);
  try {
    const session = await InferenceSession.create(encodeModel(graph.build()), {
      executionProviders: [device],
      intraOpNumThreads: threads,
      logSeverityLevel: 4,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    try {
      const values = Float32Array.from({ length: PROBE_SIZE ** 2 }, (_, at) => (at % 7) - 3);
      const feeds = { a: new Tensor('float32', values, shape), b: new Tensor('float32', values, shape) };
      // The first run includes compiling shaders.
      const first = await session.run(feeds);
      const beganMs = performance.now();
      await session.run(feeds);
      const tookMs = performance.now() - beganMs;
      const got = first['c']?.data[0];
      let want = 0;
      for (let at = 0; at < PROBE_SIZE; at++) want += (values[at] ?? 0) * (values[at * PROBE_SIZE] ?? 0);
      return typeof got === 'number' && Math.abs(got - want) < 1e-2 * Math.max(1, Math.abs(want)) ? tookMs : 'it computes wrong numbers';
    } finally {
      await session.release();
    }
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 200);
  }
}

/** Two threads on one core share its arithmetic, so beyond a few cores every second one is left to the rest of the machine. */
function countThreads(): number {
  const parallel = availableParallelism();
  return parallel <= 4 ? parallel : Math.ceil(parallel / 2);
}
