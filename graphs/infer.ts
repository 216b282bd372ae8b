import type { NodeRegistry } from '../nodes/define-node.ts';
import type { Problem } from '../nodes/problem.ts';
import type { SocketType } from '../nodes/types/socket-type.ts';
import type { GraphDocument, NodeId } from './document.ts';
import type { Facts } from './file-facts.ts';
import { indexGraph } from './index-graph.ts';
import { inferNode } from './infer-node.ts';
import { resolveOrigins, type SortedNodes, sortNodes } from './sort-nodes.ts';
import { createSourceAdvice } from './source-advice.ts';
import { findZones } from './zones.ts';

/** Types of every socket, before anything runs. */
export interface InferredTypes {
  /** By node and output. An unknown node has no outputs here; what it gives may be anything. */
  readonly outputs: ReadonlyMap<NodeId, Readonly<Record<string, SocketType>>>;
  /**
   * By node and wired input: what is known of each single value that will arrive (a list that the node walks through counts as its
   * items). An input that takes several wires has a list type. Nothing for unwired inputs and for those with a problem.
   */
  readonly inputs: ReadonlyMap<NodeId, Readonly<Record<string, SocketType>>>;
  /** By node and parameter: the value that will count, as far as it is known. Left out: it comes through a wire, or is not valid. */
  readonly params: ReadonlyMap<NodeId, Readonly<Record<string, unknown>>>;
  /** Nodes that walk through lists: by input, how many list axes of the arriving value are walked. Axes are shared, outermost first. */
  readonly walks: ReadonlyMap<NodeId, Readonly<Record<string, number>>>;
  /** Mismatches, missing inputs, refusals and files that can't be used. Each has a node. */
  readonly problems: readonly Problem[];
}

/**
 * Infers the type of every socket of a graph and says where it is certainly wrong. O(nodes + wires), no recursion. Problems that
 * `validateGraph` tells are not told again.
 */
export function inferTypes(document: GraphDocument, registry: NodeRegistry, facts: Facts): InferredTypes {
  const sorted = sortNodes(indexGraph(document, registry).nodes.values());
  resolveOrigins(sorted.order);
  const types = inferSorted(sorted.order, registry, facts);
  const { problems } = findZones(sorted.order);
  return problems.length === 0 ? types : { ...types, problems: [...types.problems, ...problems] };
}

/**
 * `inferTypes` for nodes that have been sorted and whose origins are resolved. `everything`: the nodes of the whole graph, as such, where
 * those are only a part; advice on what to wire looks at all.
 */
export function inferSorted(
  order: SortedNodes['order'],
  registry: NodeRegistry,
  facts: Facts,
  everything?: () => SortedNodes['order'],
): InferredTypes {
  const outputs = new Map<NodeId, Readonly<Record<string, SocketType>>>();
  const inputs = new Map<NodeId, Readonly<Record<string, SocketType>>>();
  const params = new Map<NodeId, Readonly<Record<string, unknown>>>();
  const walks = new Map<NodeId, Readonly<Record<string, number>>>();
  const problems: Problem[] = [];
  const advice = createSourceAdvice(registry);
  for (const entry of order) {
    const inferred = inferNode(entry, outputs, facts, advice);
    outputs.set(entry.id, inferred.outputs);
    inputs.set(entry.id, inferred.inputs);
    params.set(entry.id, inferred.params);
    if (inferred.walks !== undefined) walks.set(entry.id, inferred.walks);
    problems.push(...inferred.problems);
  }
  if (!advice.isAsked) return { outputs, inputs, params, walks, problems };
  const known = new Map(outputs);
  const bystanders = everything?.().filter(({ id }) => !outputs.has(id)) ?? [];
  for (const entry of bystanders) known.set(entry.id, inferNode(entry, known, facts, advice).outputs);
  return { outputs, inputs, params, walks, problems: advice.finish(problems, { order, bystanders, outputs: known }) };
}
