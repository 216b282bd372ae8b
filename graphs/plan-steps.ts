import type { Problem } from '../nodes/problem.ts';
import type { NodeId } from './document.ts';
import type { IndexedNode, ValueOrigin } from './index-graph.ts';
import type { InferredTypes } from './infer.ts';
import { ownValue } from './own-value.ts';
import type { Plan, PlannedStep, ValueRef } from './run-plan.ts';
import { storedParam } from './stored-param.ts';
import type { Zone } from './zones.ts';

/** What is known of each node before anything is looked up in the cache. */
export interface KeyedNodes {
  readonly keys: ReadonlyMap<NodeId, string>;
  readonly blocked: ReadonlyMap<NodeId, Problem>;
  /** Nodes whose results must not be kept. */
  readonly volatile: ReadonlySet<NodeId>;
}

/** Walks back from the targets to what the cache has, then puts what is left in order and says when each value is read last. */
export function orderSteps(
  order: readonly IndexedNode[],
  targets: readonly IndexedNode[],
  work: KeyedNodes,
  types: InferredTypes,
  zones: readonly Zone[],
  isCached: (key: string) => boolean,
): Pick<Plan, 'steps' | 'cached'> {
  const needed = new Set<IndexedNode>(targets.filter((one) => work.keys.has(one.id)));
  const targetNodes = new Set(targets);
  const running: RunningNode[] = [];
  const cached: { id: NodeId; key: string }[] = [];
  for (let at = order.length - 1; at >= 0; at--) {
    const entry = order[at];
    const key = entry && work.keys.get(entry.id);
    if (entry === undefined || key === undefined || !needed.has(entry)) continue;
    if (!work.volatile.has(entry.id) && isCached(key)) {
      cached.push({ id: entry.id, key });
      continue;
    }
    running.push({ entry, key, inside: [] });
    for (const { origin } of entry.wires) if (origin !== undefined) needed.add(origin.node);
  }
  running.reverse();
  cached.reverse();
  const folded = foldZones(running, zones);
  const frees = findLastReads(folded, targetNodes);
  const steps = folded.map((node, at) => makeStep(node, frees[at] ?? [], work, types));
  return { steps, cached };
}

/** A node that will run, with what is repeated before it: the start of its zone, then the body. */
interface RunningNode {
  readonly entry: IndexedNode;
  readonly key: string;
  readonly inside: readonly RunningNode[];
}

/** Puts the inside of every zone into the node that ends it, inner zones first. */
function foldZones(running: readonly RunningNode[], zones: readonly Zone[]): readonly RunningNode[] {
  let folded = running;
  for (const { start, body, end } of zones) {
    const members = new Set([start, ...body]);
    const inside = folded.filter(({ entry }) => members.has(entry));
    // An end whose result is kept already needs no inside.
    if (!folded.some(({ entry }) => entry === end)) continue;
    inside.sort((a, b) => Number(b.entry === start) - Number(a.entry === start));
    folded = folded.flatMap((node) => (members.has(node.entry) ? [] : [node.entry === end ? { ...node, inside } : node]));
  }
  return folded;
}

/** Everything that running a node reads: its own wires, and those of what is repeated before it. */
function readsOf({ entry, inside }: RunningNode): ValueOrigin[] {
  const own = entry.wires.flatMap(({ origin }) => (origin === undefined ? [] : [origin]));
  if (inside.length === 0) return own;
  const members = new Set(inside.map((node) => node.entry));
  return [...own, ...inside.flatMap(readsOf)].filter(({ node }) => !members.has(node));
}

/** For each step, the values that it is the last to read, and its own outputs that nobody reads. */
function findLastReads(running: readonly RunningNode[], kept: ReadonlySet<IndexedNode>): ValueRef[][] {
  const frees = running.map((): ValueRef[] => []);
  const read = new Map<IndexedNode, Set<string>>();
  for (let at = running.length - 1; at >= 0; at--) {
    const node = running[at];
    const freed = frees[at];
    if (node === undefined || freed === undefined) continue;
    const { entry } = node;
    const readLater = read.get(entry);
    if (!kept.has(entry)) {
      for (const output of Object.keys(entry.schema?.outputs ?? {})) if (!readLater?.has(output)) freed.push({ node: entry.id, output });
    }
    for (const origin of readsOf(node)) {
      if (kept.has(origin.node)) continue;
      const outputs = read.get(origin.node) ?? new Set();
      if (outputs.has(origin.output)) continue;
      read.set(origin.node, outputs.add(origin.output));
      freed.push({ node: origin.node.id, output: origin.output });
    }
  }
  return frees;
}

function makeStep(node: RunningNode, frees: readonly ValueRef[], work: KeyedNodes, types: InferredTypes): PlannedStep {
  const { entry, key } = node;
  const inputs: Record<string, readonly ValueRef[]> = {};
  const params: Record<string, unknown> = {};
  const wiredParams: Record<string, ValueRef> = {};
  const { schema } = entry;
  for (const name in schema?.inputs) {
    const origins = entry.byInput.get(name)?.flatMap(({ origin }) => (origin === undefined ? [] : [toRef(origin)]));
    if (origins !== undefined && origins.length > 0) inputs[name] = origins;
  }
  for (const name in schema?.params) {
    const origin = ownValue(schema.inputs, name) === undefined ? entry.byInput.get(name)?.[0]?.origin : undefined;
    if (origin === undefined) params[name] = storedParam(schema, entry.node.params, name);
    else wiredParams[name] = toRef(origin);
  }
  const walks = types.walks.get(entry.id) ?? {};
  const [start, ...body] = node.inside.map((one) => makeStep(one, [], work, types));
  const step = {
    id: entry.id,
    type: entry.node.type,
    key,
    cacheable: !work.volatile.has(entry.id),
    inputs,
    params,
    wiredParams,
    walks,
    frees,
  };
  return start === undefined ? step : { ...step, repeated: { start, body } };
}

function toRef(origin: ValueOrigin): ValueRef {
  return { node: origin.node.id, output: origin.output };
}
