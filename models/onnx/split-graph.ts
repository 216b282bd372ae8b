import type { Graph, GraphNode, GraphPort } from './graph.ts';

/** A graph in two: what may be computed once for several runs, and the rest, whose inputs the results are. */
export interface SplitGraph {
  readonly once: Graph;
  readonly rest: Graph;
}

/** Operators that give float32 where all they compute with is float32, and that no input's size is read by. */
const FLOAT_OPERATORS: ReadonlySet<string> = new Set([
  'Add',
  'BiasGelu',
  'Concat',
  'FusedMatMul',
  'Gelu',
  'Gemm',
  'LayerNormalization',
  'MatMul',
  'Mul',
  'MultiHeadAttention',
  'QuickGelu',
  'ReduceMean',
  'Reshape',
  'Sigmoid',
  'Slice',
  'Sub',
  'Transpose',
]);

/**
 * Takes out of a graph what depends on nothing but some of its inputs, all float32, and on constants; undefined where nothing does. Run one
 * after the other, both give what the graph gives, bit for bit: no operator is changed.
 */
export function splitGraph(graph: Graph, inputs: ReadonlySet<string>): SplitGraph | undefined {
  const constants = new Set(graph.initializers.map(({ name }) => name));
  const early = new Set(graph.inputs.filter(({ name, type }) => inputs.has(name) && type === 'float32').map(({ name }) => name));
  const given = new Set(early);
  const movable = new Set<GraphNode>();
  for (const node of graph.nodes) {
    const used = node.inputs.filter((name) => name !== '');
    const isConstant = used.every((name) => constants.has(name));
    const isEarly = FLOAT_OPERATORS.has(node.operator) && used.every((name) => constants.has(name) || early.has(name));
    if (isConstant) for (const name of node.outputs) constants.add(name);
    else if (isEarly) {
      movable.add(node);
      for (const name of node.outputs) early.add(name);
    }
  }
  const wanted = new Set(graph.nodes.filter((node) => !movable.has(node)).flatMap((node) => node.inputs));
  const names = [...movable].flatMap((node) => node.outputs).filter((name) => wanted.has(name));
  if (names.length === 0) return undefined;
  const ports = names.map((name): GraphPort => ({ name, type: 'float32', shape: graph.shapes?.get(name) }));
  const once = needed({ ...graph, name: `${graph.name}/once`, outputs: ports }, given);
  const rest = needed({ ...graph, inputs: [...graph.inputs, ...ports] }, new Set(names));
  return { once, rest };
}

/** The part of a graph that its outputs need; `given` are values that come from outside. */
function needed(graph: Graph, given: ReadonlySet<string>): Graph {
  const wanted = new Set(graph.outputs.map(({ name }) => name));
  const nodes: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => wanted.has(name) && !given.has(name))) continue;
    nodes.push(node);
    for (const name of node.inputs) wanted.add(name);
  }
  nodes.reverse();
  return {
    ...graph,
    nodes,
    initializers: graph.initializers.filter(({ name }) => wanted.has(name)),
    inputs: graph.inputs.filter(({ name }) => wanted.has(name)),
  };
}
