import type { NodeRegistry } from '../nodes/define-node.ts';
import type { Problem } from '../nodes/problem.ts';
import { checkNode, explainCycle } from './check-node.ts';
import type { EdgeId, GraphDocument } from './document.ts';
import { indexGraph } from './index-graph.ts';
import { createProblemList } from './problem-list.ts';
import { sortNodes } from './sort-nodes.ts';

/** What is certainly wrong with a document before any type is inferred. */
export interface Validation {
  readonly problems: readonly Problem[];
  /** Wires that lead nowhere, with their sentence, which is among `problems` too. */
  readonly refusedEdges: ReadonlyMap<EdgeId, Problem>;
}

/** Checks nodes, parameters and wires against the registry; changes nothing. O(nodes + wires). */
export function validateGraph(document: GraphDocument, registry: NodeRegistry, mostProblems = 1_000): Validation {
  const index = indexGraph(document, registry);
  const list = createProblemList(mostProblems);
  for (const problem of index.refused.values()) list.add(problem);
  for (const entry of index.nodes.values()) {
    for (const problem of checkNode(entry, registry)) list.add(problem);
  }
  for (const cycle of sortNodes(index.nodes.values()).cycles) list.add(explainCycle(cycle));
  return { problems: list.finish(), refusedEdges: index.refused };
}
