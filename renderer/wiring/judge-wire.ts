import { connect } from '../../graphs/commands/connect.ts';
import { type EdgeId, edgeEntries, type GraphDocument, type NodeId } from '../../graphs/document.ts';
import * as history from '../../graphs/history.ts';
import { createIdSource } from '../../graphs/id-source.ts';
import { typeOfParam } from '../../graphs/infer-socket.ts';
import { nodeName } from '../../graphs/node-name.ts';
import { ownValue } from '../../graphs/own-value.ts';
import type { AnyNodeDefinition, NodeRegistry } from '../../nodes/define-node.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { typeFromKind } from '../../nodes/types/from-kind.ts';
import { explainMismatch } from '../../nodes/types/mismatch.ts';
import type { SocketType } from '../../nodes/types/socket-type.ts';
import { outputType } from '../store/inference-store.ts';
import type { Inference } from '../store/merge-inference.ts';
import type { WireEnd } from '../store/view-store.ts';
import { texts } from '../texts.ts';

/** Both ends of a wire that may be drawn. */
export interface WireEnds {
  readonly from: { readonly node: NodeId; readonly output: string };
  readonly to: { readonly node: NodeId; readonly input: string };
}

/** The ends in the order in which values flow; undefined when both are inputs or both are outputs. */
export function orderEnds(one: WireEnd, other: WireEnd): WireEnds | undefined {
  if (one.side === other.side) return undefined;
  const [from, to] = one.side === 'output' ? [one, other] : [other, one];
  return { from: { node: from.node, output: from.socket }, to: { node: to.node, input: to.socket } };
}

/** What an input or parameter of a definition takes. */
export function wantedType(definition: AnyNodeDefinition, input: string): SocketType | undefined {
  const spec = ownValue(definition.inputs, input);
  if (spec !== undefined) return spec.accepts ?? typeFromKind(spec.type);
  const param = ownValue(definition.params, input);
  return param === undefined ? undefined : typeOfParam(param);
}

/** What is known of the values an output gives; of lists, which nodes walk through, their items. */
export function givenType(document: GraphDocument, registry: NodeRegistry, inference: Inference, end: WireEnds['from']): SocketType {
  const node = ownValue(document.nodes, end.node);
  const kind = ownValue(node === undefined ? undefined : registry.get(node.type)?.outputs, end.output)?.type ?? 'any';
  let type = outputType(inference, end.node, end.output) ?? typeFromKind(kind);
  while (type.kind === 'list') type = type.item;
  return type;
}

/** True when a value of one type may fit where another is wanted. */
export function mayFit(given: SocketType, wanted: SocketType): boolean {
  return explainMismatch(given, wanted) === undefined;
}

/** Every node that feeds `start`, `start` itself among them: a wire from `start` into one of these would close a circle. */
export function findSources(document: GraphDocument, start: NodeId): ReadonlySet<NodeId> {
  const feeds = new Map<NodeId, NodeId[]>();
  for (const [, { from, to }] of edgeEntries(document)) feeds.set(to.node, [...(feeds.get(to.node) ?? []), from.node]);
  const found = new Set<NodeId>([start]);
  const waiting: NodeId[] = [start];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const source of feeds.get(next) ?? []) {
      if (found.has(source)) continue;
      found.add(source);
      waiting.push(source);
    }
  }
  return found;
}

/** Whether a wire may be drawn, or the sentence why not. Changes nothing; `without` is a wire that would be taken away first. */
export function judgeWire(
  edit: history.EditState,
  registry: NodeRegistry,
  inference: Inference,
  ends: WireEnds,
  without?: EdgeId,
): Result<GraphDocument> {
  const tried = history.commit(history.startEditing(edit.document), '', (draft) => {
    if (without !== undefined) delete draft.edges[without];
    return connect(draft, { registry, ids: createIdSource(), ...ends });
  });
  if (!tried.ok) return tried;
  const target = edit.document.nodes[ends.to.node];
  const definition = target === undefined ? undefined : registry.get(target.type);
  const wanted = definition === undefined ? undefined : wantedType(definition, ends.to.input);
  if (target !== undefined && definition !== undefined && wanted !== undefined) {
    const mismatch = explainMismatch(givenType(edit.document, registry, inference, ends.from), wanted);
    if (mismatch !== undefined) {
      const title = (ownValue(definition.inputs, ends.to.input) ?? ownValue(definition.params, ends.to.input))?.title ?? ends.to.input;
      return fail('graph.typeMismatch', texts.wiring.mismatch(nodeName(ends.to.node, target, definition), title, mismatch));
    }
  }
  return ok(tried.value.state.document);
}

/** The first socket of a node type that the end of a wire fits into. */
export function firstFit(
  document: GraphDocument,
  registry: NodeRegistry,
  inference: Inference,
  end: WireEnd,
  definition: AnyNodeDefinition,
): string | undefined {
  if (end.side === 'output') {
    const given = givenType(document, registry, inference, { node: end.node, output: end.socket });
    const inputs = Object.keys(definition.inputs).map((name) => ({ name, type: wantedType(definition, name) }));
    const exact = inputs.find(({ type }) => type !== undefined && type.kind !== 'any' && mayFit(given, type));
    // A parameter is named only by someone who means it: text fits into nearly every node.
    return (exact ?? inputs.find(({ type }) => type !== undefined && mayFit(given, type)))?.name;
  }
  const node = document.nodes[end.node];
  const target = node === undefined ? undefined : registry.get(node.type);
  const wanted = target === undefined ? undefined : wantedType(target, end.socket);
  if (wanted === undefined) return undefined;
  return Object.entries(definition.outputs).find(([, { type }]) => mayFit(typeFromKind(type), wanted))?.[0];
}
