import type { NodeSchema } from '../../host/describe-node.ts';
import { type AnyNodeDefinition, createRegistry, type NodeRegistry } from '../../nodes/define-node.ts';

/**
 * The host's nodes as a registry for commands and titles. What a node does and which types it gives stays in the host, so both are
 * absent here: ask `graph.infer`.
 */
export function createSchemaRegistry(schemas: readonly NodeSchema[]): NodeRegistry {
  return createRegistry(schemas.map(toDefinition));
}

function toDefinition(schema: NodeSchema): AnyNodeDefinition {
  return {
    ...schema,
    evaluate: () => {
      throw new Error('nodes are run by the host, never in the window');
    },
  };
}
