import { expect, it } from 'vitest';
import { largeGraph, sketch } from '../test/example-graphs.ts';
import { exampleRegistry } from '../test/example-nodes.ts';
import { indexGraph } from './index-graph.ts';
import { sortNodes } from './sort-nodes.ts';

it('puts sources first and finishes a branch before it begins the next', () => {
  const graph = sketch().node('join', 'joinImages');
  for (const branch of ['x', 'y']) {
    graph
      .node(branch, 'loadImage')
      .node(`${branch}2`, 'blur')
      .wire(`${branch}.image`, `${branch}2.image`)
      .wire(`${branch}2.image`, 'join.images');
  }
  const { order, cycles } = sortNodes(indexGraph(graph.document(), exampleRegistry).nodes.values());
  expect(order.map((one) => one.id)).toEqual(['x', 'x2', 'y', 'y2', 'join']);
  expect(cycles).toEqual([]);
});

it('finds a circle of any length, passes over one wire of it, and names its first few', () => {
  const graph = sketch();
  const length = 5_000;
  for (let at = 0; at < length; at++) graph.node(`n${at}`, 'blur').wire(`n${(at + length - 1) % length}.image`, `n${at}.image`);
  const { order, cycles } = sortNodes(indexGraph(graph.document(), exampleRegistry).nodes.values());
  expect(order).toHaveLength(length);
  expect(cycles).toHaveLength(1);
  expect(cycles[0]).toMatchObject({ length, node: { id: 'n1' } });
  expect(cycles[0]?.path.slice(0, 3).map((one) => one.id)).toEqual(['n1', 'n2', 'n3']);
  expect(order.flatMap((one) => one.wires.filter((wire) => wire.closesCycle))).toHaveLength(1);
});

it('stays linear where everything leads back to everything', () => {
  const graph = sketch();
  for (let at = 0; at < 300; at++) graph.node(`n${at}`, 'joinImages');
  for (let a = 0; a < 300; a++) for (let b = 0; b < 300; b++) graph.wire(`n${a}.image`, `n${b}.images`);
  const { order, cycles } = sortNodes(indexGraph(graph.document(), exampleRegistry).nodes.values());
  expect(order).toHaveLength(300);
  expect(Math.max(...cycles.map((cycle) => cycle.path.length))).toBeLessThanOrEqual(12);
});

it('sorts only what the roots need', () => {
  const index = indexGraph(largeGraph(600), exampleRegistry);
  const root = [...index.nodes.values()].find((one) => one.id === 'sampler0');
  expect(sortNodes([root!]).order.map((one) => one.id)).toEqual(['checkpoint', 'text0', 'empty0', 'sampler0']);
});
