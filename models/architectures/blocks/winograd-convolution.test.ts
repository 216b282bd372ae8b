import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differenceOf, runGraph, weightsOf } from '../../../test/golden/run-graph.ts';
import { readOnnx } from '../../../test/read-onnx.ts';
import { unwrap } from '../../../test/unwrap.ts';
import { waves } from '../../../test/waves.ts';
import { writeWeights } from '../../../test/write-controlnet.ts';
import type { Device } from '../../onnx/build-options.ts';
import type { WeightSource } from '../../weights.ts';
import { type BuiltGraph, finishGraph } from '../built-graph.ts';
import { type ConvolutionShape, convolution } from './layers.ts';
import { startNetwork } from './network.ts';

const [BATCH, CHANNELS, OUT] = [2, 128, 144];

let folder = '';
let weights: WeightSource;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-winograd-'));
  const path = join(folder, 'weights.safetensors');
  // Scaled so that outputs are about as large as inputs.
  const kernel = waves([OUT, CHANNELS, 3, 3], 1.7, 1 / Math.sqrt(9 * CHANNELS));
  weights = await weightsOf(await writeWeights(path, { 'conv.weight': kernel, 'conv.bias': waves([OUT], 0.9) }));
});
afterAll(() => rm(folder, { recursive: true }));

function write(device: Device, size: { height: number; width: number }, shape: Partial<ConvolutionShape> = {}): BuiltGraph {
  const network = startNetwork('convolution', weights, { device });
  const value = network.graph.input('x', 'float32', ['batch', CHANNELS, size.height, size.width]);
  const maps = convolution(network, 'conv', { value, channels: CHANNELS, ...size }, { outChannels: OUT, kernel: 3, ...shape });
  network.graph.output(maps.value, 'out', 'float32', ['batch', OUT, maps.height, maps.width]);
  return unwrap(finishGraph(network));
}

const isFast = (built: BuiltGraph): boolean => readOnnx(built.bytes).nodes.filter(({ operator }) => operator === 'MatMul').length > 0;

describe('a 3×3 convolution of a large picture', () => {
  it.each([
    { height: 32, width: 32, bias: true },
    { height: 64, width: 16, bias: false },
    { height: 76, width: 17, bias: true },
    { height: 96, width: 11, bias: true },
  ])('gives by way of six points for four outputs what it gives tap by tap: %o', async ({ bias, ...size }) => {
    const [fast, plain] = [write('cpu', size, { bias }), write('webgpu', size, { bias })];
    expect([isFast(fast), isFast(plain)]).toEqual([true, false]);
    const x = waves([BATCH, CHANNELS, size.height, size.width], 0.7);
    const { out: wanted = new Float32Array() } = await runGraph(plain, { x });
    expect(wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeGreaterThan(1);
    for (const mode of ['streaming', 'resident'] as const) {
      const { out } = await runGraph(fast, { x }, mode);
      expect(differenceOf(out, wanted), mode).toBeLessThan(1e-5);
    }
  });

  it.each([
    ['few cells', { height: 28, width: 32 }, {}],
    ['a height that four does not divide', { height: 34, width: 64 }, {}],
    ['a stride', { height: 64, width: 64 }, { stride: 2 }],
    ['zeros on two sides only', { height: 64, width: 64 }, { pads: [0, 0, 1, 1] as const }],
  ])('goes tap by tap where there is nothing to gain or it does not fit: %s', (_what, size, shape) => {
    expect(isFast(write('cpu', size, shape))).toBe(false);
  });
});
