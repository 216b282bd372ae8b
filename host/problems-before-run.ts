import { findNode, type GraphDocument } from '../graphs/document.ts';
import type { Problem } from '../nodes/problem.ts';

/**
 * Of what reading a graph found, the part that running it does not tell again: warnings, and what had to be left out (a wire, though its node
 * is there). What is wrong with a node that is still there is told when the node is planned, after settings that may have mended it.
 */
export function problemsBeforeRun(document: GraphDocument, problems: readonly Problem[]): Problem[] {
  return problems.filter(
    ({ code, severity, nodeId }) =>
      severity === 'warning' || code === 'graph.unknownSocket' || nodeId === undefined || findNode(document, nodeId) === undefined,
  );
}
