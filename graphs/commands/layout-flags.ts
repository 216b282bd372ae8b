import { ok, type Result } from '../../nodes/problem.ts';
import type { GraphDraft, NodeId } from '../document.ts';
import { readDraft, requireNode } from './draft-access.ts';
import { layoutPart } from './layout-part.ts';

/** Marks nodes in a part of the layout that holds nothing but marks, or takes the marks away. */
export function setLayoutFlag(draft: GraphDraft, part: 'collapsed' | 'unfolded', nodes: readonly NodeId[], isSet: boolean): Result<null> {
  const document = readDraft(draft);
  for (const id of nodes) {
    const found = requireNode(document, id);
    if (!found.ok) return found;
    const flags = document.layout?.[part];
    if ((flags !== undefined && Object.hasOwn(flags, id)) === isSet) continue;
    if (isSet) layoutPart(draft, part)[id] = true;
    else delete draft.layout?.[part]?.[id];
  }
  return ok(null);
}
