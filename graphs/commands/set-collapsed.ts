import type { Result } from '../../nodes/problem.ts';
import type { GraphDraft, NodeId } from '../document.ts';
import { setLayoutFlag } from './layout-flags.ts';

/** Folds nodes to their title bar, or unfolds them. */
export function setCollapsed(draft: GraphDraft, args: { readonly nodes: readonly NodeId[]; readonly collapsed: boolean }): Result<null> {
  return setLayoutFlag(draft, 'collapsed', args.nodes, args.collapsed);
}
