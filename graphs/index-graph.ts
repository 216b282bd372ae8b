import type { AnyNodeDefinition, NodeRegistry } from '../nodes/define-node.ts';
import { type Problem, problem } from '../nodes/problem.ts';
import { type EdgeId, edgeEntries, type GraphDocument, type GraphEdge, type GraphNode, type NodeId, nodeEntries } from './document.ts';
import { suggestNames } from './nearest-names.ts';
import { nodeName, quote } from './node-name.ts';
import { ownValue } from './own-value.ts';

/** The output that really feeds a wire: bypassed nodes are looked through. */
export interface ValueOrigin {
  readonly node: IndexedNode;
  readonly output: string;
}

/** A wire as its target sees it. Lives as long as the index it belongs to. */
export interface Wire {
  readonly edge: EdgeId;
  readonly source: IndexedNode;
  readonly output: string;
  readonly input: string;
  readonly index: number;
  /** It leads back into what it comes from; set by `sortNodes`, and then nothing is read through it. */
  closesCycle: boolean;
  /** Set by `resolveOrigins`; undefined: a bypassed node has nothing to pass on. */
  origin: ValueOrigin | undefined;
}

/** A node with its definition and the wires that end in it. */
export interface IndexedNode {
  readonly id: NodeId;
  readonly node: GraphNode;
  /** The definition of its type in any version: good for titles. */
  readonly definition: AnyNodeDefinition | undefined;
  /** The definition if it is of the node's own version: good for everything. */
  readonly schema: AnyNodeDefinition | undefined;
  readonly bypassed: boolean;
  readonly muted: boolean;
  readonly wires: Wire[];
  /** The same wires by the input or parameter they end in, in the order of their index, then of their ids. */
  readonly byInput: Map<string, Wire[]>;
  /** What a bypassed node passes on, by output; set by `resolveOrigins`. */
  passes: ReadonlyMap<string, ValueOrigin | undefined> | undefined;
}

/** A document ready to be walked. Made anew for each walk; the document may be of any quality. */
export interface GraphIndex {
  readonly nodes: ReadonlyMap<NodeId, IndexedNode>;
  /** Wires that lead nowhere, and why. They are not among the nodes' wires. */
  readonly refused: ReadonlyMap<EdgeId, Problem>;
}

/** Looks up every node's definition and hangs every wire onto its target, in O(nodes + wires). */
export function indexGraph(document: GraphDocument, registry: NodeRegistry): GraphIndex {
  const nodes = new Map<NodeId, IndexedNode>();
  for (const [id, node] of nodeEntries(document)) {
    const definition = registry.get(node.type);
    const schema = definition?.version === node.version ? definition : undefined;
    nodes.set(id, {
      id,
      node,
      definition,
      schema,
      bypassed: node.bypass === true && node.mute !== true && schema !== undefined,
      muted: node.mute === true,
      wires: [],
      byInput: new Map(),
      passes: undefined,
    });
  }
  const refused = new Map<EdgeId, Problem>();
  for (const [id, edge] of edgeEntries(document)) {
    const source = nodes.get(edge.from.node);
    const target = nodes.get(edge.to.node);
    const refusal = explainEdge(id, edge, source, target);
    if (source === undefined || target === undefined || refusal !== undefined) {
      if (refusal !== undefined) refused.set(id, refusal);
      continue;
    }
    const { output } = edge.from;
    const { input, index = 0 } = edge.to;
    const wire: Wire = { edge: id, source, output, input, index, closesCycle: false, origin: undefined };
    target.wires.push(wire);
    const beside = target.byInput.get(input);
    if (beside === undefined) target.byInput.set(input, [wire]);
    else beside.push(wire);
  }
  for (const entry of nodes.values()) {
    if (entry.wires.length === entry.byInput.size) continue;
    for (const wires of entry.byInput.values()) wires.sort((a, b) => a.index - b.index || (a.edge < b.edge ? -1 : 1));
  }
  return { nodes, refused };
}

/** How sentences name an indexed node. */
export function nameOf(entry: IndexedNode): string {
  return nodeName(entry.id, entry.node, entry.definition);
}

function explainEdge(id: EdgeId, edge: GraphEdge, source: IndexedNode | undefined, target: IndexedNode | undefined): Problem | undefined {
  const path = `edges.${id}`;
  if (source === undefined || target === undefined) {
    const missing = quote(source === undefined ? edge.from.node : edge.to.node);
    const ends = `from ${source ? nameOf(source) : quote(edge.from.node)} to ${target ? nameOf(target) : quote(edge.to.node)}`;
    return problem('graph.danglingEdge', `The wire ${quote(id)} ${ends} is left out: the graph has no node ${missing}.`, { path });
  }
  const { output } = edge.from;
  if (source.schema !== undefined && ownValue(source.schema.outputs, output) === undefined) {
    const advice = suggestNames(output, Object.keys(source.schema.outputs), 'outputs');
    const sentence = `${nameOf(source)} has no output ${quote(output)}, so the wire ${quote(id)} to ${nameOf(target)} is left out. ${advice}`;
    return problem('graph.unknownSocket', sentence, { nodeId: source.id, socket: output, path: `${path}.from.output` });
  }
  const { input } = edge.to;
  if (
    target.schema !== undefined &&
    ownValue(target.schema.inputs, input) === undefined &&
    ownValue(target.schema.params, input) === undefined
  ) {
    const advice = suggestNames(input, [...Object.keys(target.schema.inputs), ...Object.keys(target.schema.params)], 'inputs');
    const sentence = `${nameOf(target)} has no input or parameter ${quote(input)}, so the wire ${quote(id)} from ${nameOf(source)} is left out. ${advice}`;
    return problem('graph.unknownSocket', sentence, { nodeId: target.id, socket: input, path: `${path}.to.input` });
  }
  return undefined;
}
