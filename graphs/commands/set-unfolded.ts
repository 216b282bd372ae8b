import type { Result } from '../../nodes/problem.ts';
import type { GraphDraft, NodeId } from '../document.ts';
import { setLayoutFlag } from './layout-flags.ts';

/** Lets nodes show all of their parameters, or only those that are not folded away. */
export function setUnfolded(draft: GraphDraft, args: { readonly nodes: readonly NodeId[]; readonly unfolded: boolean }): Result<null> {
  return setLayoutFlag(draft, 'unfolded', args.nodes, args.unfolded);
}
