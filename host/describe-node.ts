import type { AnyNodeDefinition } from '../nodes/define-node.ts';
import type { CallResult } from './contract.ts';

/** What a node is, as data: everything but its code. The editor draws nodes from this alone. */
export type NodeSchema = CallResult<'nodes.list'>['nodes'][number];

/** The data of a node's definition. */
export function describeNode(definition: AnyNodeDefinition): NodeSchema {
  const { id, version, title, category, summary, docs, inputs, outputs, params, effects = [] } = definition;
  return {
    id,
    version,
    title,
    category,
    summary,
    docs,
    inputs: { ...inputs },
    outputs: { ...outputs },
    params: { ...params },
    effects: [...effects],
  };
}
