import type { AnyNodeDefinition } from '../nodes/define-node.ts';

/** The value a parameter has when nothing is wired to it: the document's, or its default. */
export function storedParam(schema: Pick<AnyNodeDefinition, 'params'>, params: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(params, name) ? params[name] : schema.params[name]?.default;
}
