import { describe, expect, it } from 'vitest';
import { runGraph } from '../../../test/golden/run-graph.ts';
import { readOnnx } from '../../../test/read-onnx.ts';
import { unwrap } from '../../../test/unwrap.ts';
import { waves } from '../../../test/waves.ts';
import type { BuildOptions } from '../../onnx/build-options.ts';
import type { Value } from '../../onnx/graph.ts';
import { add, multiply } from '../../onnx/operators.ts';
import { type BuiltGraph, finishGraph } from '../built-graph.ts';
import { attend } from './attention.ts';
import { type Network, startNetwork } from './network.ts';

interface Sizes {
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly headWidth: number;
  readonly isBiased?: boolean;
}

const BATCH = 2;

function write(
  { queries, keys, heads, headWidth, isBiased = false }: Sizes,
  options: BuildOptions,
  reweigh?: (network: Network, weights: Value) => Value,
): BuiltGraph {
  const network = startNetwork('attention', { get: () => undefined, names: () => [] }, options);
  const { graph } = network;
  const width = heads * headWidth;
  const input = (name: string, rows: number) => graph.input(name, 'float32', ['batch', rows, width]);
  const mixed = attend(network, 'mixed', {
    query: input('query', queries),
    key: input('key', keys),
    value: input('value', keys),
    heads,
    headWidth,
    scores: { queries, keys },
    ...(isBiased ? { bias: graph.input('bias', 'float32', [queries, keys]) } : {}),
    ...(reweigh === undefined ? {} : { reweigh: (weights: Value) => reweigh(network, weights) }),
  });
  graph.output(mixed, 'out', 'float32', ['batch', queries, width]);
  return unwrap(finishGraph(network));
}

function feedsFor({ queries, keys, heads, headWidth, isBiased = false }: Sizes) {
  const width = heads * headWidth;
  return {
    query: waves([BATCH, queries, width], 1.7, 2),
    key: waves([BATCH, keys, width], 0.9, 2),
    value: waves([BATCH, keys, width], 2.3, 2),
    ...(isBiased ? { bias: waves([queries, keys], 0.5, 2) } : {}),
  };
}

/** One row of one head by the book: softmax(q Kᵀ / √width + bias) V. */
function rowByHand(sizes: Sizes, feeds: ReturnType<typeof feedsFor>, batch: number, head: number, row: number): number[] {
  const { queries, keys, heads, headWidth } = sizes;
  const width = heads * headWidth;
  const at = (rows: number, index: number, column: number) => (batch * rows + index) * width + head * headWidth + column;
  const scores = Array.from({ length: keys }, (_, key) => {
    let sum = 0;
    for (let column = 0; column < headWidth; column++) {
      sum += (feeds.query.data[at(queries, row, column)] ?? 0) * (feeds.key.data[at(keys, key, column)] ?? 0);
    }
    return sum / Math.sqrt(headWidth) + (feeds.bias?.data[row * keys + key] ?? 0);
  });
  const highest = scores.reduce((most, score) => Math.max(most, score));
  const weights = scores.map((score) => Math.exp(score - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: headWidth }, (_, column) =>
    weights.reduce((sum, weight, key) => sum + (weight / total) * (feeds.value.data[at(keys, key, column)] ?? 0), 0),
  );
}

async function expectRows(sizes: Sizes, options: BuildOptions, rows: readonly number[]): Promise<void> {
  const feeds = feedsFor(sizes);
  const { out = new Float32Array() } = await runGraph(write(sizes, options), feeds);
  const { queries, heads, headWidth } = sizes;
  for (const batch of [0, BATCH - 1]) {
    for (const head of [0, heads - 1]) {
      for (const row of rows) {
        const start = (batch * queries + row) * heads * headWidth + head * headWidth;
        const got = [...out.subarray(start, start + headWidth)];
        const want = rowByHand(sizes, feeds, batch, head, row);
        const worst = Math.max(...want.map((value, column) => Math.abs(value - (got[column] ?? Number.NaN))));
        expect(worst, `batch ${batch}, head ${head}, row ${row}`).toBeLessThan(1e-5);
      }
    }
  }
}

function operatorsOf(built: BuiltGraph): string[] {
  return readOnnx(built.bytes).nodes.map(({ operator }) => operator);
}

describe('attention', () => {
  const small = { queries: 6, keys: 9, heads: 3, headWidth: 5 };

  it.each(['fused', 'plain'] as const)('gives softmax(Q Kᵀ / √width) V, %s', async (attention) => {
    await expectRows(small, { device: 'cpu', attention }, [0, 3, 5]);
  });

  it('adds a bias to the scores', async () => {
    await expectRows({ ...small, isBiased: true }, { device: 'cpu' }, [0, 3, 5]);
  });

  it('uses other weights where it is told so, and holds all of them for that', async () => {
    const many = { queries: 4099, keys: 8200, heads: 1, headWidth: 3 };
    const halved = write(many, { device: 'cpu' }, (network, weights) =>
      multiply(network.graph, 'halved', weights, network.graph.float32([0.5], [])),
    );
    expect(operatorsOf(halved).filter((name) => name === 'Softmax')).toHaveLength(1);
    const twice = write(small, { device: 'cpu' }, (network, weights) => add(network.graph, 'doubled', weights, weights));
    const feeds = feedsFor(small);
    const [{ out: doubled }, { out: plain }] = [await runGraph(twice, feeds), await runGraph(write(small, { device: 'cpu' }), feeds)];
    for (const [at, value] of (plain ?? new Float32Array()).entries()) expect(doubled?.[at]).toBeCloseTo(2 * value, 5);
  });

  it('is fused on the processor and written out elsewhere', () => {
    expect(operatorsOf(write(small, { device: 'cpu' }))).toEqual(['MultiHeadAttention', 'Identity']);
    expect(operatorsOf(write(small, { device: 'webgpu' }))).not.toContain('MultiHeadAttention');
  });

  it('is written out for one wide head, where products are faster', async () => {
    const wide = { queries: 4, keys: 7, heads: 1, headWidth: 512 };
    expect(operatorsOf(write(wide, { device: 'cpu' }))).toContain('Softmax');
    await expectRows(wide, { device: 'cpu' }, [0, 3]);
  });

  it('never holds more scores than it may, also where the slices are uneven', async () => {
    const many = { queries: 4099, keys: 8200, heads: 1, headWidth: 3 };
    expect(operatorsOf(write(many, { device: 'cpu', attention: 'plain' })).filter((name) => name === 'Softmax')).toHaveLength(3);
    await expectRows(many, { device: 'cpu', attention: 'plain' }, [0, 1366, 1367, 2733, 2734, 4098]);
  });

  it('holds the scores of a 512×512 picture in the autoencoder at once, and those of a 1024×1024 one in sixteen parts', () => {
    const softmaxes = (tokens: number) => {
      const names = operatorsOf(write({ queries: tokens, keys: tokens, heads: 1, headWidth: 512 }, { device: 'cpu' }));
      return names.filter((name) => name === 'Softmax').length;
    };
    expect([64 ** 2, 128 ** 2].map(softmaxes)).toEqual([1, 16]);
  });
});
