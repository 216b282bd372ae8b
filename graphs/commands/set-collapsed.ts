import { ok, type Result } from '../../nodes/problem.ts';
import type { GraphDraft, NodeId } from '../document.ts';
import { readDraft, requireNode } from './draft-access.ts';
import { layoutPart } from './layout-part.ts';

/** Folds nodes to their title bar, or unfolds them. */
export function setCollapsed(draft: GraphDraft, args: { readonly nodes: readonly NodeId[]; readonly collapsed: boolean }): Result<null> {
  const document = readDraft(draft);
  for (const id of args.nodes) {
    const found = requireNode(document, id);
    if (!found.ok) return found;
    const isCollapsed = document.layout?.collapsed !== undefined && Object.hasOwn(document.layout.collapsed, id);
    if (isCollapsed === args.collapsed) continue;
    if (args.collapsed) layoutPart(draft, 'collapsed')[id] = true;
    else delete draft.layout?.collapsed?.[id];
  }
  return ok(null);
}
