import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { Tensor as OrtTensor } from 'onnxruntime-node';
import { createSessionStore, type OpenSession } from '../../host/runtime/session-store.ts';
import { buildUnet2dCondition } from '../../models/architectures/unet-2d-condition.ts';
import { parseUnet2dConditionConfig } from '../../models/architectures/unet-2d-condition-config.ts';
import { openCheckpoint } from '../../models/checkpoint/open-checkpoint.ts';
import type { LoadingMode } from '../../models/onnx/session-options.ts';
import type { Result } from '../../nodes/problem.ts';
import { readOptions } from './options.ts';

/*
 * One U-Net in a process of its own, run on demand: writes what opening took, then answers `run`, `output` and `end` on stdin with a
 * JSON line each. bench/peers/*.py speak the same. --checkpoint PATH --mode streaming|resident --width 64 --height 64 --rows 1
 */

const options = readOptions();
const mode: LoadingMode = options.text('mode', 'streaming') === 'resident' ? 'resident' : 'streaming';
const size = { width: options.number('width', 64), height: options.number('height', 64) };
const rows = options.number('rows', 1);

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

const beganMs = performance.now();
const checkpoint = must(await openCheckpoint(options.text('checkpoint', '')));
const config = must(parseUnet2dConditionConfig(checkpoint.unet.config));
const store = createSessionStore({ device: 'cpu', threads: availableParallelism(), onSessionTime: () => undefined });
const session: OpenSession = must(
  await store.open({
    key: 'unet',
    title: 'the U-Net',
    mode,
    build: () => buildUnet2dCondition(config, checkpoint.unet.weights, size, { device: 'cpu' }),
  }),
);
say({ openMs: performance.now() - beganMs, rssBytes: process.memoryUsage.rss() });

const feeds = {
  sample: wave([rows, config.inChannels, size.height, size.width], 0.37),
  timestep: new OrtTensor('float32', Float32Array.of(500), [1]),
  encoder_hidden_states: wave([rows, checkpoint.tokens, checkpoint.conditioningWidth], 0.11),
};
let output: OrtTensor | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'run') {
    const startMs = performance.now();
    const found = must(await session.run(feeds));
    say({ ms: performance.now() - startMs });
    output = found['out_sample'];
  } else if (line === 'output') {
    say({ values: output?.data instanceof Float32Array ? [...output.data] : [] });
  } else {
    say({ peakBytes: process.resourceUsage().maxRSS * 1024 });
    process.exit(0);
  }
}

/** Values that every language makes alike: sin(step · index). */
function wave(shape: readonly number[], step: number): OrtTensor {
  const length = shape.reduce((product, side) => product * side, 1);
  return new OrtTensor(
    'float32',
    Float32Array.from({ length }, (_, index) => Math.sin(step * index)),
    [...shape],
  );
}

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
