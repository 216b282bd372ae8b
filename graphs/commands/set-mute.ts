import { ok, type Result } from '../../nodes/problem.ts';
import type { GraphDraft, NodeId } from '../document.ts';
import { readDraft, requireNode } from './draft-access.ts';

/** Mutes nodes (neither they nor what depends on them run), or switches them on again. A muted node is not bypassed. */
export function setMute(draft: GraphDraft, args: { readonly nodes: readonly NodeId[]; readonly mute: boolean }): Result<null> {
  const document = readDraft(draft);
  for (const id of args.nodes) {
    const found = requireNode(document, id);
    if (!found.ok) return found;
    const node = draft.nodes[id];
    if (node === undefined || (found.value.mute === true) === args.mute) continue;
    if (args.mute) {
      node.mute = true;
      delete node.bypass;
    } else delete node.mute;
  }
  return ok(null);
}
