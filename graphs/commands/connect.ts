import type { NodeRegistry } from '../../nodes/define-node.ts';
import { fail, ok, type Problem, type Result } from '../../nodes/problem.ts';
import { typeFromKind } from '../../nodes/types/from-kind.ts';
import { explainMismatch } from '../../nodes/types/mismatch.ts';
import { appendTo } from '../append-to.ts';
import {
  type EdgeId,
  type EdgeSource,
  edgeEntries,
  type GraphDocument,
  type GraphDraft,
  type GraphEdge,
  type NodeId,
} from '../document.ts';
import type { IdSource } from '../id-source.ts';
import { typeOfParam } from '../infer-socket.ts';
import { suggestNames } from '../nearest-names.ts';
import { quote } from '../node-name.ts';
import { ownValue } from '../own-value.ts';
import { readDraft, requireSchema } from './draft-access.ts';

/** Where a new wire goes. */
export interface ConnectArgs {
  readonly registry: NodeRegistry;
  readonly ids: IdSource;
  readonly from: { readonly node: NodeId; readonly output: string };
  readonly to: {
    readonly node: NodeId;
    /** An input or a parameter. */
    readonly input: string;
    /** In an input that takes several wires: the place among them; left out: after the last. */
    readonly index?: number;
  };
}

/**
 * Draws a wire. What was wired to an input that takes one wire is replaced. Refused: sockets that don't exist, kinds that certainly
 * don't fit, and wires that would close a circle.
 */
export function connect(draft: GraphDraft, args: ConnectArgs): Result<{ readonly edge: EdgeId; readonly replaced?: EdgeId }> {
  const document = readDraft(draft);
  const checked = checkEnds(document, args);
  if (!checked.ok) return checked;
  if (leadsTo(document, args.to.node, args.from.node)) {
    const sentence = `${checked.value.source} depends on ${checked.value.target} already, so a wire back to it would close a circle. Wire it elsewhere.`;
    return fail('graph.cycle', sentence, { nodeId: args.to.node, socket: args.to.input });
  }
  const beside = edgeEntries(document).filter(([, edge]) => edge.to.node === args.to.node && edge.to.input === args.to.input);
  const same = beside.find(([, edge]) => edge.from.node === args.from.node && edge.from.output === args.from.output);
  if (same !== undefined && args.to.index === undefined) return ok({ edge: same[0] });

  const from: EdgeSource = { node: args.from.node, output: args.from.output };
  const base = `${args.to.node}.${args.to.input}`;
  if (!checked.value.takesSeveral) {
    const replaced = beside.map(([id]) => id);
    for (const id of replaced) delete draft.edges[id];
    const edge = args.ids.next(base, (id) => Object.hasOwn(document.edges, id)) as EdgeId; // fresh ids are ids
    draft.edges[edge] = { from, to: { node: args.to.node, input: args.to.input } };
    return ok(replaced[0] === undefined ? { edge } : { edge, replaced: replaced[0] });
  }
  const edge = args.ids.next(base, (id) => Object.hasOwn(document.edges, id)) as EdgeId; // fresh ids are ids
  const order = inOrder(beside);
  const place = Math.min(args.to.index ?? order.length, order.length);
  order.splice(place, 0, edge);
  draft.edges[edge] = { from, to: { node: args.to.node, input: args.to.input, index: place } };
  for (const [index, id] of order.entries()) {
    const moved = draft.edges[id];
    if (moved !== undefined && moved.to.index !== index) moved.to.index = index;
  }
  return ok({ edge });
}

/** Wires into one input in the order in which it takes them. */
function inOrder(wires: readonly (readonly [EdgeId, GraphEdge])[]): EdgeId[] {
  return [...wires].sort(([a, one], [b, other]) => (one.to.index ?? 0) - (other.to.index ?? 0) || (a < b ? -1 : 1)).map(([id]) => id);
}

function checkEnds(
  document: GraphDocument,
  { registry, from, to }: ConnectArgs,
): Result<{ readonly source: string; readonly target: string; readonly takesSeveral: boolean }> {
  const source = requireSchema(document, registry, from.node);
  if (!source.ok) return source;
  const target = requireSchema(document, registry, to.node);
  if (!target.ok) return target;
  const { schema: sourceSchema, name: sourceName } = source.value;
  const { schema: targetSchema, name: targetName } = target.value;
  const output = ownValue(sourceSchema.outputs, from.output);
  if (output === undefined) {
    return unknownSocket(sourceName, 'output', from.output, Object.keys(sourceSchema.outputs), { nodeId: from.node, socket: from.output });
  }
  const input = ownValue(targetSchema.inputs, to.input);
  const param = input === undefined ? ownValue(targetSchema.params, to.input) : undefined;
  const wanted = input !== undefined ? (input.accepts ?? typeFromKind(input.type)) : param !== undefined ? typeOfParam(param) : undefined;
  const where = { nodeId: to.node, socket: to.input };
  if (wanted === undefined) {
    const names = [...Object.keys(targetSchema.inputs), ...Object.keys(targetSchema.params)];
    return unknownSocket(targetName, 'input', to.input, names, where);
  }
  const mismatch = explainMismatch(typeFromKind(output.type), wanted);
  if (mismatch !== undefined) {
    const title = input?.title ?? param?.title ?? to.input;
    const sentence = `${targetName}: its ${input ? 'input' : 'parameter'} ${title} ${mismatch} from ${sourceName}. Wire it to another socket.`;
    return fail('graph.typeMismatch', sentence, where);
  }
  return ok({ source: sourceName, target: targetName, takesSeveral: input?.list === true });
}

function unknownSocket(
  name: string,
  noun: 'input' | 'output',
  given: string,
  names: readonly string[],
  where: Pick<Problem, 'nodeId' | 'socket'>,
): Result<never> {
  return fail('graph.unknownSocket', `${name} has no ${noun} ${quote(given)}. ${suggestNames(given, names, `${noun}s`)}`, where);
}

/** True when `start` feeds `end`, directly or through others, or is the same node. */
function leadsTo(document: GraphDocument, start: NodeId, end: NodeId): boolean {
  if (start === end) return true;
  const sources = new Map<NodeId, NodeId[]>();
  for (const [, { from, to }] of edgeEntries(document)) appendTo(sources, to.node, from.node);
  const seen = new Set<NodeId>([end]);
  const waiting = [end];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const source of sources.get(next) ?? []) {
      if (source === start) return true;
      if (!seen.has(source)) {
        seen.add(source);
        waiting.push(source);
      }
    }
  }
  return false;
}
