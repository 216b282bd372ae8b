import { ok, type Result } from '../../nodes/problem.ts';
import { edgeEntries, type GraphDraft, type NodeId } from '../document.ts';
import { readDraft, requireNode } from './draft-access.ts';

/** Removes nodes and every wire that begins or ends at one of them. */
export function removeNodes(draft: GraphDraft, args: { readonly nodes: readonly NodeId[] }): Result<null> {
  const document = readDraft(draft);
  for (const id of args.nodes) {
    const found = requireNode(document, id);
    if (!found.ok) return found;
  }
  const gone = new Set(args.nodes);
  for (const [id, edge] of edgeEntries(document)) {
    if (gone.has(edge.from.node) || gone.has(edge.to.node)) delete draft.edges[id];
  }
  for (const id of gone) {
    delete draft.nodes[id];
    if (document.layout?.positions && Object.hasOwn(document.layout.positions, id)) delete draft.layout?.positions?.[id];
    if (document.layout?.collapsed && Object.hasOwn(document.layout.collapsed, id)) delete draft.layout?.collapsed?.[id];
    if (document.layout?.unfolded && Object.hasOwn(document.layout.unfolded, id)) delete draft.layout?.unfolded?.[id];
  }
  return ok(null);
}
