import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differenceOf, runGraph } from '../../../test/golden/run-graph.ts';
import { type OneConvolution, writeOneConvolution } from '../../../test/one-convolution.ts';
import { readOnnx } from '../../../test/read-onnx.ts';
import { waves } from '../../../test/waves.ts';
import type { Device } from '../../onnx/build-options.ts';
import type { BuiltGraph } from '../built-graph.ts';
import { convolveEnlarged, type EnlargedConvolution } from './resample.ts';

const [BATCH, CHANNELS, OUT] = [2, 5, 3];

let one: OneConvolution;
beforeAll(async () => {
  one = await writeOneConvolution(CHANNELS, OUT);
});
afterAll(() => one.remove());

function write(device: Device, size: { height: number; width: number }, shape: Partial<EnlargedConvolution>): BuiltGraph {
  return one.write(device, size, (network, path, x) => convolveEnlarged(network, path, x, { outChannels: OUT, ...shape }));
}

const operatorsOf = (built: BuiltGraph): string[] => readOnnx(built.bytes).nodes.map(({ operator }) => operator);

describe('a convolution of an enlarged picture', () => {
  it.each([
    { height: 4, width: 7, bias: true },
    { height: 1, width: 1, bias: true },
    { height: 3, width: 2, bias: false },
  ])('gives without the enlargement what it gives with it: %o', async ({ bias, ...size }) => {
    const [folded, plain] = [write('cpu', size, { bias }), write('webgpu', size, { bias })];
    expect(operatorsOf(folded)).not.toContain('Resize');
    expect(operatorsOf(plain)).toContain('Resize');
    const x = waves([BATCH, CHANNELS, size.height, size.width], 0.7);
    const [{ out }, { out: wanted = new Float32Array() }] = [await runGraph(folded, { x }), await runGraph(plain, { x })];
    expect(wanted).toHaveLength(BATCH * OUT * 4 * size.height * size.width);
    expect(differenceOf(out, wanted)).toBeLessThan(1e-6);
  });

  it('enlarges to sizes that are not twice as large', async () => {
    const built = write('cpu', { height: 3, width: 2 }, { height: 5, width: 4 });
    expect(operatorsOf(built)).toContain('Resize');
    const { out } = await runGraph(built, { x: waves([1, CHANNELS, 3, 2], 0.7) });
    expect(out).toHaveLength(OUT * 5 * 4);
  });
});
