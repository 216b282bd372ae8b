import { createHash } from 'node:crypto';
import type { GraphDocument } from '../graphs/document.ts';
import { inferTypes } from '../graphs/infer.ts';
import { planRun } from '../graphs/plan.ts';
import { validateGraph } from '../graphs/validate.ts';
import type { NodeRegistry } from '../nodes/define-node.ts';
import type { Problem } from '../nodes/problem.ts';
import { type FactsTable, factsFromTable } from './facts-table.ts';

/**
 * Everything that is wrong with a graph, or worth knowing: what reading it left out, then what its nodes, types and files say. Each
 * once. The document may have been changed since it was read.
 */
export function checkGraph(
  document: GraphDocument,
  leftOut: readonly Problem[],
  registry: NodeRegistry,
  table: FactsTable,
): readonly Problem[] {
  const facts = factsFromTable(table);
  const planned = planRun({
    document,
    registry,
    facts,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    isCached: () => false,
  });
  const all = [
    ...leftOut,
    ...validateGraph(document, registry).problems,
    ...inferTypes(document, registry, facts).problems,
    ...(planned.ok ? planned.value.problems : [planned.problem]),
  ];
  const seen = new Set<string>();
  return all.filter(({ code, message, nodeId }) => {
    const key = JSON.stringify([code, message, nodeId]);
    return !seen.has(key) && seen.add(key);
  });
}
