import {
  type EdgeId,
  edgeEntries,
  emptyDocument,
  type GraphDocument,
  type GraphEdge,
  type GraphNode,
  type NodeId,
  type Point,
} from './document.ts';
import { ownValue } from './own-value.ts';

/** Some nodes of a document with the wires among them and how they are drawn, as a document of its own: what copying copies. */
export function extractNodes(document: GraphDocument, ids: readonly NodeId[]): GraphDocument {
  const nodes: Record<NodeId, GraphNode> = {};
  const positions: Record<NodeId, Point> = {};
  const collapsed: Record<NodeId, true> = {};
  const unfolded: Record<NodeId, true> = {};
  for (const id of ids) {
    const node = ownValue(document.nodes, id);
    if (node === undefined) continue;
    nodes[id] = node;
    const position = ownValue(document.layout?.positions, id);
    if (position !== undefined) positions[id] = position;
    if (ownValue(document.layout?.collapsed, id)) collapsed[id] = true;
    if (ownValue(document.layout?.unfolded, id)) unfolded[id] = true;
  }
  const edges: Record<EdgeId, GraphEdge> = {};
  for (const [id, edge] of edgeEntries(document)) {
    if (Object.hasOwn(nodes, edge.from.node) && Object.hasOwn(nodes, edge.to.node)) edges[id] = edge;
  }
  const folds = { ...(Object.keys(collapsed).length > 0 && { collapsed }), ...(Object.keys(unfolded).length > 0 && { unfolded }) };
  return { ...emptyDocument(), nodes, edges, layout: { positions, ...folds } };
}
