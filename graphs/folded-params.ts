import type { AnyNodeDefinition } from '../nodes/define-node.ts';
import type { ParamSpec } from '../nodes/params.ts';
import { canonicalJson } from './canonical-json.ts';
import type { GraphNode } from './document.ts';
import { ownValue } from './own-value.ts';
import { storedParam } from './stored-param.ts';

/**
 * The parameters that a node's face folds away as long as the node is not unfolded: advanced ones that are at their default, and those that
 * another parameter leaves without effect. `isHeld` names those that show all the same: wired ones, say; `isWired` those whose value is not
 * known, so that nothing can be told from it.
 */
export function foldedParams(
  schema: Pick<AnyNodeDefinition, 'inputs' | 'params'>,
  node: Pick<GraphNode, 'params'>,
  isHeld: (param: string) => boolean,
  isWired = isHeld,
): readonly string[] {
  const hasNoEffect = ({ onlyFor }: ParamSpec): boolean =>
    onlyFor !== undefined && !isWired(onlyFor.param) && !onlyFor.values.includes(String(storedParam(schema, node.params, onlyFor.param)));
  const folded: string[] = [];
  for (const [name, spec] of Object.entries(schema.params)) {
    if (ownValue(schema.inputs, name) !== undefined || isHeld(name)) continue;
    const isQuiet = spec.advanced === true && isDefault(spec, storedParam(schema, node.params, name));
    if (isQuiet || hasNoEffect(spec)) folded.push(name);
  }
  return folded;
}

function isDefault(spec: ParamSpec, value: unknown): boolean {
  return value === spec.default || (typeof value === 'object' && canonicalJson(value) === canonicalJson(spec.default));
}
