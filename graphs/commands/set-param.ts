import type { NodeRegistry } from '../../nodes/define-node.ts';
import type { ParamSpec } from '../../nodes/params.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { GraphDocument, GraphDraft, NodeId } from '../document.ts';
import { explainValue } from '../explain-value.ts';
import { suggestNames } from '../nearest-names.ts';
import { quote } from '../node-name.ts';
import { ownValue } from '../own-value.ts';
import { readDraft, requireSchema } from './draft-access.ts';

/** A parameter of a node of the document. */
export interface ParamPlace {
  readonly registry: NodeRegistry;
  readonly node: NodeId;
  readonly param: string;
}

/** Sets a parameter to a value that its definition allows; others are refused and change nothing. */
export function setParam(draft: GraphDraft, args: ParamPlace & { readonly value: unknown }): Result<null> {
  const found = findParam(readDraft(draft), args);
  if (!found.ok) return found;
  const { spec, name } = found.value;
  const refusal = explainValue(spec, args.value);
  if (refusal !== undefined) {
    return fail('graph.invalidParam', `${name}: ${spec.title} ${refusal}.`, { nodeId: args.node, socket: args.param });
  }
  writeParam(draft, args, args.value);
  return ok(null);
}

/** Sets a parameter to its default. */
export function resetParam(draft: GraphDraft, args: ParamPlace): Result<null> {
  const found = findParam(readDraft(draft), args);
  if (!found.ok) return found;
  writeParam(draft, args, found.value.spec.default);
  return ok(null);
}

/** A parameter's specification and its node's name, or the sentence that there is none, with the nearest names. */
export function findParam(document: GraphDocument, place: ParamPlace): Result<{ readonly spec: ParamSpec; readonly name: string }> {
  const found = requireSchema(document, place.registry, place.node);
  if (!found.ok) return found;
  const { schema, name } = found.value;
  const spec = ownValue(schema.params, place.param);
  if (spec !== undefined) return ok({ spec, name });
  const advice = suggestNames(place.param, Object.keys(schema.params), 'parameters');
  const sentence = `${name} has no parameter ${quote(place.param)}. ${advice}`;
  return fail('graph.unknownParam', sentence, { nodeId: place.node, socket: place.param });
}

function writeParam(draft: GraphDraft, place: ParamPlace, value: unknown): void {
  const node = draft.nodes[place.node];
  // Setting what stands there already is no change; writing out a default that the file leaves out is one.
  if (node !== undefined && (!Object.hasOwn(node.params, place.param) || node.params[place.param] !== value))
    node.params[place.param] = value;
}
