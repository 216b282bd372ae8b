import type { GraphDocument, GraphEdge, GraphNode } from '../../graphs/document.ts';
import { writeGraph } from '../../graphs/write-graph.ts';

const COLUMN = 290;
const ROW = 560;
const GROUPS_IN_A_ROW = 4;

/** A graph file with so many copies of another graph beside each other, each node in a place of its own. */
export function repeatGraph(document: GraphDocument, copies: number): string {
  const nodes: Record<string, GraphNode> = {};
  const edges: Record<string, GraphEdge> = {};
  const positions: Record<string, { x: number; y: number }> = {};
  const ids = Object.keys(document.nodes);
  for (let copy = 0; copy < copies; copy++) {
    const named = (id: string): string => `${id}-${copy}`;
    for (const [at, [id, node]] of Object.entries(document.nodes).entries()) {
      nodes[named(id)] = node;
      const column = (copy % GROUPS_IN_A_ROW) * ids.length + at;
      positions[named(id)] = { x: column * COLUMN, y: Math.floor(copy / GROUPS_IN_A_ROW) * ROW };
    }
    for (const [id, { from, to }] of Object.entries(document.edges)) {
      const ends = { from: { ...from, node: named(from.node) }, to: { ...to, node: named(to.node) } };
      edges[named(id)] = ends as GraphEdge; // the ids of this very document
    }
  }
  return writeGraph({ ...document, nodes, edges, layout: { positions } } as GraphDocument); // as above
}
