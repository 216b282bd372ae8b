import { ok, type Result } from '../../nodes/problem.ts';
import type { GraphDraft, NodeId } from '../document.ts';
import { readDraft, requireNode } from './draft-access.ts';

/** Bypasses nodes (each passes on what it is given instead of running), or switches them on again. A bypassed node is not muted. */
export function setBypass(draft: GraphDraft, args: { readonly nodes: readonly NodeId[]; readonly bypass: boolean }): Result<null> {
  const document = readDraft(draft);
  for (const id of args.nodes) {
    const found = requireNode(document, id);
    if (!found.ok) return found;
    const node = draft.nodes[id];
    if (node === undefined || (found.value.bypass === true) === args.bypass) continue;
    if (args.bypass) {
      node.bypass = true;
      delete node.mute;
    } else delete node.bypass;
  }
  return ok(null);
}
