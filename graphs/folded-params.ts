import type { AnyNodeDefinition } from '../nodes/define-node.ts';
import type { ParamSpec } from '../nodes/params.ts';
import { canonicalJson } from './canonical-json.ts';
import type { GraphNode } from './document.ts';
import { ownValue } from './own-value.ts';
import { storedParam } from './stored-param.ts';

/**
 * The parameters that a node's face folds away as long as the node is not unfolded: advanced ones that are at their default.
 * `isHeld` names those that show all the same: wired ones, say.
 */
export function foldedParams(
  schema: Pick<AnyNodeDefinition, 'inputs' | 'params'>,
  node: Pick<GraphNode, 'params'>,
  isHeld: (param: string) => boolean,
): readonly string[] {
  const folded: string[] = [];
  for (const [name, spec] of Object.entries(schema.params)) {
    if (spec.advanced !== true || ownValue(schema.inputs, name) !== undefined || isHeld(name)) continue;
    if (isDefault(spec, storedParam(schema, node.params, name))) folded.push(name);
  }
  return folded;
}

function isDefault(spec: ParamSpec, value: unknown): boolean {
  return value === spec.default || (typeof value === 'object' && canonicalJson(value) === canonicalJson(spec.default));
}
