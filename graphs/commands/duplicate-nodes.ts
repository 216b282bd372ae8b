import { ok, type Result } from '../../nodes/problem.ts';
import { type EdgeId, edgeEntries, type GraphDraft, type NodeId, type Point } from '../document.ts';
import { extractNodes } from '../extract-nodes.ts';
import type { IdSource } from '../id-source.ts';
import { readDraft, requireNode } from './draft-access.ts';
import { pasteGraph } from './paste-graph.ts';

/** Copies nodes with the wires among them; with `keepInputs`, the copies are fed by what feeds the originals, too. */
export function duplicateNodes(
  draft: GraphDraft,
  args: {
    readonly ids: IdSource;
    readonly nodes: readonly NodeId[];
    readonly offset?: Pick<Point, 'x' | 'y'>;
    readonly keepInputs?: boolean;
  },
): Result<ReadonlyMap<NodeId, NodeId>> {
  const document = readDraft(draft);
  for (const id of args.nodes) {
    const found = requireNode(document, id);
    if (!found.ok) return found;
  }
  const { ids, offset = { x: 40, y: 40 } } = args;
  const pasted = pasteGraph(draft, { ids, graph: extractNodes(document, args.nodes), offset });
  if (!pasted.ok || !args.keepInputs) return pasted;
  for (const [, edge] of edgeEntries(document)) {
    const copy = pasted.value.get(edge.to.node);
    if (copy === undefined || pasted.value.has(edge.from.node)) continue;
    const id = ids.next(`${copy}.${edge.to.input}`, (one) => Object.hasOwn(draft.edges, one)) as EdgeId; // fresh ids are ids
    draft.edges[id] = { ...edge, from: { ...edge.from }, to: { ...edge.to, node: copy } };
  }
  return ok(pasted.value);
}
