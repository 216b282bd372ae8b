import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { EdgeId, GraphDraft } from '../document.ts';
import { quote } from '../node-name.ts';

/** Removes wires. Wires that stay in an input that takes several keep their order. */
export function disconnect(draft: GraphDraft, args: { readonly edges: readonly EdgeId[] }): Result<null> {
  for (const id of args.edges) {
    if (!Object.hasOwn(draft.edges, id)) return fail('graph.commandRefused', `The graph has no wire ${quote(id)} to remove.`);
  }
  for (const id of args.edges) delete draft.edges[id];
  return ok(null);
}
