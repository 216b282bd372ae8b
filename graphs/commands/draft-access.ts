import { current, isDraft, isModified, original } from 'immer';
import type { AnyNodeDefinition, NodeRegistry } from '../../nodes/define-node.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { findNode, type GraphDocument, type GraphDraft, type GraphNode } from '../document.ts';
import { nearestNames } from '../nearest-names.ts';
import { nodeName, quote } from '../node-name.ts';

/** The draft as it is now, for reading: walking a draft itself would make a draft of every entry it passes. */
export function readDraft(draft: GraphDraft): GraphDocument {
  if (!isDraft(draft)) return draft as GraphDocument; // a draft is a writable document
  return (isModified(draft) ? current(draft) : original(draft)) as GraphDocument; // both give back what was drafted
}

/** The node of an id, or the sentence that there is none. */
export function requireNode(document: GraphDocument, id: string): Result<GraphNode> {
  const node = findNode(document, id);
  if (node !== undefined) return ok(node);
  const near = nearestNames(id, Object.keys(document.nodes));
  const advice = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
  return fail('graph.noSuchNode', `The graph has no node ${quote(id)}.${advice}`, { nodeId: id });
}

/** A node together with its definition of the very same version, or the sentence why it can't be worked on. */
export function requireSchema(
  document: GraphDocument,
  registry: NodeRegistry,
  id: string,
): Result<{ readonly node: GraphNode; readonly schema: AnyNodeDefinition; readonly name: string }> {
  const found = requireNode(document, id);
  if (!found.ok) return found;
  const node = found.value;
  const schema = registry.get(node.type);
  const name = nodeName(id, node, schema);
  if (schema?.version === node.version) return ok({ node, schema, name });
  const reason =
    schema === undefined ? `of a type this Emulsion does not have, ${quote(node.type)}` : 'of another version than this Emulsion has';
  return fail('graph.unknownNode', `${name} is ${reason}, so it can't be changed here.`, { nodeId: id });
}
