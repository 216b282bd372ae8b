import { ok, type Result } from '../../nodes/problem.ts';
import type { GraphDraft, NodeId } from '../document.ts';
import { readDraft, requireNode } from './draft-access.ts';
import { layoutPart } from './layout-part.ts';

/** Lets nodes show all of their parameters, or only those that are not folded away. */
export function setUnfolded(draft: GraphDraft, args: { readonly nodes: readonly NodeId[]; readonly unfolded: boolean }): Result<null> {
  const document = readDraft(draft);
  for (const id of args.nodes) {
    const found = requireNode(document, id);
    if (!found.ok) return found;
    const isUnfolded = document.layout?.unfolded !== undefined && Object.hasOwn(document.layout.unfolded, id);
    if (isUnfolded === args.unfolded) continue;
    if (args.unfolded) layoutPart(draft, 'unfolded')[id] = true;
    else delete draft.layout?.unfolded?.[id];
  }
  return ok(null);
}
