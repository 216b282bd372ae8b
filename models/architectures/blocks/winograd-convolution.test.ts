import { afterAll, describe, expect, it } from 'vitest';
import { differenceOf, runGraph } from '../../../test/golden/run-graph.ts';
import { type OneConvolution, writeOneConvolution } from '../../../test/one-convolution.ts';
import { readOnnx } from '../../../test/read-onnx.ts';
import { waves } from '../../../test/waves.ts';
import type { FittedLora } from '../../lora/fit-lora.ts';
import type { TensorSource } from '../../weights.ts';
import type { BuiltGraph } from '../built-graph.ts';
import { type ConvolutionShape, convolution } from './layers.ts';
import type { FeatureMaps, Network } from './network.ts';
import { convolveEnlarged } from './resample.ts';

const BATCH = 2;

/** Ways by the products that they make: one group for each point. */
const GROUPS = { 'tap by tap': undefined, 'by rows': 6, 'in tiles of 2': 16, 'in tiles of 4': 36 } as const;

const made: OneConvolution[] = [];
afterAll(() => Promise.all(made.map((one) => one.remove())));

/** One for each pair of sizes. */
async function convolutionOf(channels: number, outChannels: number): Promise<OneConvolution> {
  const known = made.find((one) => one.channels === channels && one.outChannels === outChannels);
  const one = known ?? (await writeOneConvolution(channels, outChannels));
  if (known === undefined) made.push(one);
  return one;
}

function convolve(outChannels: number, shape: Partial<ConvolutionShape> = {}) {
  return (network: Network, path: string, x: FeatureMaps): FeatureMaps =>
    convolution(network, path, x, { outChannels, kernel: 3, ...shape });
}

/** How many groups the products have, one after the other. */
const groupsOf = (built: BuiltGraph): (number | undefined)[] => {
  const products = readOnnx(built.bytes).nodes.filter(({ operator }) => operator === 'Conv');
  return products.map(({ attributes: { group } }) => (group === undefined ? undefined : Number(group)));
};

describe('a 3×3 convolution of a large picture', () => {
  it.each([
    { way: 'by rows', sizes: [128, 144], height: 32, width: 32, bias: true },
    { way: 'by rows', sizes: [128, 144], height: 64, width: 16, bias: false },
    { way: 'by rows', sizes: [128, 144], height: 34, width: 33, bias: true },
    { way: 'by rows', sizes: [128, 144], height: 95, width: 11, bias: true },
    { way: 'in tiles of 4', sizes: [256, 272], height: 20, width: 20, bias: true },
    { way: 'in tiles of 4', sizes: [256, 272], height: 23, width: 18, bias: false },
    { way: 'in tiles of 4', sizes: [256, 272], height: 7, width: 70, bias: true },
    { way: 'in tiles of 4', sizes: [256, 272], height: 66, width: 69, bias: true },
    { way: 'in tiles of 2', sizes: [320, 336], height: 16, width: 12, bias: true },
    { way: 'in tiles of 2', sizes: [320, 336], height: 15, width: 13, bias: true },
  ] as const)('gives at few points what it gives tap by tap: %o', async ({ way, sizes: [channels, out], bias, ...size }) => {
    const one = await convolutionOf(channels, out);
    const [fast, plain] = [one.write('cpu', size, convolve(out, { bias })), one.write('webgpu', size, convolve(out, { bias }))];
    expect(new Set(groupsOf(fast))).toEqual(new Set([GROUPS[way]]));
    expect(groupsOf(plain)).toEqual([undefined]);
    const x = waves([BATCH, channels, size.height, size.width], 0.7);
    const { out: wanted = new Float32Array() } = await runGraph(plain, { x });
    expect(wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeGreaterThan(1);
    for (const mode of ['streaming', 'resident'] as const) {
      expect(differenceOf((await runGraph(fast, { x }, mode)).out, wanted), mode).toBeLessThan(1e-5);
    }
  });

  it.each([{ isChanged: false }, { isChanged: true }])('turns large kernels in parts: %o', async ({ isChanged }) => {
    const one = await convolutionOf(512, 1824);
    const size = { height: 20, width: 20 };
    const source = (name: string): TensorSource => one.weights.get(name) ?? expect.unreachable(`no tensor ${name}`);
    const factors = { a: source('lora.a'), b: source('lora.b') };
    const changed: FittedLora = new Map([['conv', { formula: { kind: 'loha', first: factors, second: factors }, scale: 1 }]]);
    const loras = isChanged ? [changed] : [];
    const [fast, plain] = [one.write('cpu', size, convolve(1824), loras), one.write('webgpu', size, convolve(1824), loras)];
    expect(groupsOf(fast)).toEqual([36, 36]);
    const x = waves([1, 512, size.height, size.width], 0.7);
    const feeds = { x, ...(isChanged ? { 'lora.0.strength': { data: Float32Array.of(30), shape: [] } } : {}) };
    const { out: wanted = new Float32Array() } = await runGraph(plain, feeds);
    expect(wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeGreaterThan(1);
    expect(differenceOf((await runGraph(fast, feeds)).out, wanted)).toBeLessThan(1e-5);
  });

  it.each([
    { height: 10, width: 11, bias: true },
    { height: 35, width: 34, bias: false },
  ])('of which all cells are doubled is found from the smaller one: %o', async ({ bias, ...size }) => {
    const one = await convolutionOf(256, 272);
    const enlarge = (network: Network, path: string, x: FeatureMaps): FeatureMaps => {
      return convolveEnlarged(network, path, x, { outChannels: 272, bias });
    };
    const [fast, plain] = [one.write('cpu', size, enlarge), one.write('webgpu', size, enlarge)];
    expect(new Set(groupsOf(fast))).toEqual(new Set([36]));
    const operators = readOnnx(fast.bytes).nodes.map(({ operator }) => operator);
    expect(operators).not.toContain('Resize');
    const x = waves([BATCH, 256, size.height, size.width], 0.7);
    const { out: wanted = new Float32Array() } = await runGraph(plain, { x });
    expect(wanted).toHaveLength(BATCH * 272 * 4 * size.height * size.width);
    expect(differenceOf((await runGraph(fast, { x })).out, wanted)).toBeLessThan(1e-5);
  });

  it('goes along the rows, or doubled over four places of a cell, where tiles would make many blocks', async () => {
    const one = await convolutionOf(256, 272);
    const size = { height: 160, width: 128 };
    expect(new Set(groupsOf(one.write('cpu', size, convolve(272))))).toEqual(new Set([GROUPS['by rows']]));
    const doubled = one.write('cpu', { height: 80, width: 64 }, (network, path, x) =>
      convolveEnlarged(network, path, x, { outChannels: 272 }),
    );
    expect(groupsOf(doubled)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it.each([
    ['few cells', { height: 28, width: 32 }, {}],
    ['a stride', { height: 64, width: 64 }, { stride: 2 }],
    ['zeros on two sides only', { height: 64, width: 64 }, { pads: [0, 0, 1, 1] as const }],
  ])('goes tap by tap where there is nothing to gain or it does not fit: %s', async (_what, size, shape) => {
    const one = await convolutionOf(128, 144);
    expect(groupsOf(one.write('cpu', size, convolve(144, shape)))).toEqual([undefined]);
  });
});
