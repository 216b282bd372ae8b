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
    for (const part of ['positions', 'collapsed', 'unfolded'] as const) {
      const entries = document.layout?.[part];
      if (entries !== undefined && Object.hasOwn(entries, id)) delete draft.layout?.[part]?.[id];
    }
  }
  return ok(null);
}
