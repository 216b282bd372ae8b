import type { Value } from './graph.ts';
import type { GraphBuilder } from './graph-builder.ts';

/** Elementwise sum, with broadcasting. */
export function add(graph: GraphBuilder, name: string, a: Value, b: Value): Value {
  return graph.node('Add', [a, b], name);
}

/** Elementwise product, with broadcasting. */
export function multiply(graph: GraphBuilder, name: string, a: Value, b: Value): Value {
  return graph.node('Mul', [a, b], name);
}

/** Product of matrices in the last two axes, with broadcasting over the others. */
export function matMul(graph: GraphBuilder, name: string, a: Value, b: Value): Value {
  return graph.node('MatMul', [a, b], name);
}

/** The same numbers under another shape; 0 keeps an axis of the input, −1 is worked out. */
export function reshape(graph: GraphBuilder, name: string, x: Value, shape: readonly number[]): Value {
  return graph.node('Reshape', [x, graph.int64(shape)], name);
}

/** The axes in another order. */
export function transpose(graph: GraphBuilder, name: string, x: Value, perm: readonly number[]): Value {
  return graph.node('Transpose', [x], name, { attributes: { perm } });
}

/** New axes of size one. */
export function unsqueeze(graph: GraphBuilder, name: string, x: Value, axes: readonly number[]): Value {
  return graph.node('Unsqueeze', [x, graph.int64(axes)], name);
}

/** Tensors side by side along one axis; one alone is what it is. */
export function concat(graph: GraphBuilder, name: string, parts: readonly Value[], axis: number): Value {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return graph.node('Concat', parts, name, { attributes: { axis } });
}

/** What lies at `from` … `to` (exclusive) of each of these axes. */
export function slice(
  graph: GraphBuilder,
  name: string,
  x: Value,
  from: readonly number[],
  to: readonly number[],
  axes: readonly number[],
): Value {
  return graph.node('Slice', [x, graph.int64(from), graph.int64(to), graph.int64(axes)], name);
}

/** A tensor cut into `count` parts of equal size (the last may be smaller) along one axis. */
export function split(graph: GraphBuilder, name: string, x: Value, count: number, axis: number): Value[] {
  return graph.nodeWithOutputs('Split', [x], name, count, { attributes: { axis, num_outputs: count } });
}

/** Exponentials that sum to one along the last axis. */
export function softmax(graph: GraphBuilder, name: string, x: Value): Value {
  return graph.node('Softmax', [x], name, { attributes: { axis: -1 } });
}

/** The mean along one axis, which goes away. */
export function mean(graph: GraphBuilder, name: string, x: Value, axis: number): Value {
  return graph.node('ReduceMean', [x, graph.int64([axis])], name, { attributes: { keepdims: 0 } });
}

/** Rows of a table by index. */
export function gather(graph: GraphBuilder, name: string, table: Value, indices: Value, axis = 0): Value {
  return graph.node('Gather', [table, indices], name, { attributes: { axis } });
}

/** Zeros around the last axes: `pads` lists what is added before each axis, then what is added after each. */
export function pad(graph: GraphBuilder, name: string, x: Value, pads: readonly number[]): Value {
  return graph.node('Pad', [x, graph.int64(pads)], name, { attributes: { mode: 'constant' } });
}
