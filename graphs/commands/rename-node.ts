import { ok, type Result } from '../../nodes/problem.ts';
import type { GraphDraft, NodeId } from '../document.ts';
import { readDraft, requireNode } from './draft-access.ts';

/** Gives a node a title of its own; an empty one gives it its type's title back. Its id stays. */
export function renameNode(draft: GraphDraft, args: { readonly node: NodeId; readonly title: string }): Result<null> {
  const found = requireNode(readDraft(draft), args.node);
  if (!found.ok) return found;
  const node = draft.nodes[args.node];
  if (node === undefined) return ok(null);
  const title = args.title.trim();
  if (title === '') delete node.title;
  else node.title = title;
  return ok(null);
}
