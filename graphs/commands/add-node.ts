import type { NodeRegistry } from '../../nodes/define-node.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { GraphDraft, NodeId, Point } from '../document.ts';
import { explainValue } from '../explain-value.ts';
import type { IdSource } from '../id-source.ts';
import { nearestNames, suggestNames } from '../nearest-names.ts';
import { quote } from '../node-name.ts';
import { ownValue } from '../own-value.ts';
import { layoutPart, requirePlace } from './layout-part.ts';

/** Adds a node of a type; parameters not given get their defaults, written out so that a later default changes nothing. */
export function addNode(
  draft: GraphDraft,
  args: {
    readonly registry: NodeRegistry;
    readonly ids: IdSource;
    readonly type: string;
    readonly params?: Readonly<Record<string, unknown>>;
    readonly title?: string;
    readonly position?: Point;
  },
): Result<NodeId> {
  const definition = args.registry.get(args.type);
  if (definition === undefined) {
    const near = nearestNames(
      args.type,
      args.registry.all().map((one) => one.id),
    );
    const advice = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
    return fail('graph.unknownNode', `There is no node type ${quote(args.type)}.${advice}`);
  }
  const params: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(definition.params)) params[name] = spec.default;
  for (const [name, value] of Object.entries(args.params ?? {})) {
    const spec = ownValue(definition.params, name);
    if (spec === undefined) {
      const advice = suggestNames(name, Object.keys(definition.params), 'parameters');
      return fail('graph.unknownParam', `${definition.title} has no parameter ${quote(name)}. ${advice}`, { socket: name });
    }
    const refusal = explainValue(spec, value);
    if (refusal !== undefined) return fail('graph.invalidParam', `${definition.title}: ${spec.title} ${refusal}.`, { socket: name });
    params[name] = value;
  }
  if (args.position !== undefined) {
    const place = requirePlace(args.position);
    if (!place.ok) return place;
  }
  const base = args.type.slice(args.type.lastIndexOf('.') + 1);
  const id = args.ids.next(base, (one) => Object.hasOwn(draft.nodes, one)) as NodeId; // fresh ids are ids
  draft.nodes[id] = { type: definition.id, version: definition.version, params, ...(args.title ? { title: args.title } : {}) };
  if (args.position !== undefined) layoutPart(draft, 'positions')[id] = { ...args.position };
  return ok(id);
}
