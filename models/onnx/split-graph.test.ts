import { expect, it } from 'vitest';
import { type Feed, runGraph } from '../../test/golden/run-graph.ts';
import { encodeModel } from './encode-model.ts';
import type { Graph } from './graph.ts';
import { GraphBuilder } from './graph-builder.ts';
import { splitGraph } from './split-graph.ts';

/** y = x · (t² + t), of which the part of t can go first; u is t² as well, which both parts need. */
function buildExample(): Graph {
  const graph = new GraphBuilder('example');
  const x = graph.input('x', 'float32', ['batch', 2]);
  const t = graph.input('t', 'float32', ['batch', 2]);
  const squared = graph.node('Mul', [t, t], 'squared');
  const sum = graph.shaped(graph.node('Add', [squared, t], 'sum'), ['batch', 2]);
  const shape = graph.node('Shape', [t], 'shape');
  const product = graph.node('Mul', [x, sum], 'product');
  graph.output(graph.node('Reshape', [product, shape], 'shaped'), 'y', 'float32', ['batch', 2]);
  graph.output(graph.node('Add', [squared, x], 'both'), 'z', 'float32', ['batch', 2]);
  return graph.build();
}

const run = (graph: Graph, feeds: Record<string, Feed>): Promise<Record<string, Float32Array>> =>
  runGraph({ bytes: encodeModel(graph), externalDataFolder: '', inputs: graph.inputs, outputs: graph.outputs }, feeds);
const twoByTwo = (data: Float32Array): Feed => ({ data, shape: [2, 2] });

it('what depends on some inputs alone goes first, and both together give the same bits', async () => {
  const graph = buildExample();
  const split = splitGraph(graph, new Set(['t']));
  expect(split?.once.nodes.map(({ name }) => name)).toEqual(['squared', 'sum']);
  expect(split?.once.outputs.map(({ name }) => name)).toEqual(['squared', 'sum']);
  expect(split?.rest.nodes.map(({ name }) => name)).toEqual(['shape', 'product', 'shaped', 'y/output', 'both', 'z/output']);
  const x = twoByTwo(Float32Array.of(0.1, -2, 3.3, 4));
  const t = twoByTwo(Float32Array.of(1.7, 0.3, -5, 0));
  expect(split?.rest.inputs.map(({ name, shape }) => [name, shape])).toEqual([
    ['x', ['batch', 2]],
    ['t', ['batch', 2]],
    ['squared', undefined],
    ['sum', ['batch', 2]],
  ]);
  const whole = await run(graph, { x, t });
  const first = await run(split!.once, { t });
  // The rest asks for the size of t itself.
  const given = Object.fromEntries(Object.entries(first).map(([name, data]) => [name, twoByTwo(data)]));
  expect(await run(split!.rest, { x, t, ...given })).toEqual(whole);
});

it('a graph in which nothing depends on them alone stays whole', () => {
  expect(splitGraph(buildExample(), new Set())).toBeUndefined();
  const graph = new GraphBuilder('whole');
  const [x, t] = ['x', 't'].map((name) => graph.input(name, 'float32', [1]));
  graph.output(graph.node('Add', [x, t], 'sum'), 'y', 'float32', [1]);
  expect(splitGraph(graph.build(), new Set(['t']))).toBeUndefined();
});
