import type { Problem } from '../nodes/problem.ts';
import type { NodeId } from './document.ts';
import type { IndexedNode, ValueOrigin } from './index-graph.ts';
import type { InferredTypes } from './infer.ts';
import { ownValue } from './own-value.ts';
import type { Plan, PlannedStep, ValueRef } from './run-plan.ts';
import { storedParam } from './stored-param.ts';

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
  isCached: (key: string) => boolean,
): Pick<Plan, 'steps' | 'cached'> {
  const needed = new Set<IndexedNode>(targets.filter((one) => work.keys.has(one.id)));
  const targetNodes = new Set(targets);
  const running: { entry: IndexedNode; key: string }[] = [];
  const cached: { id: NodeId; key: string }[] = [];
  for (let at = order.length - 1; at >= 0; at--) {
    const entry = order[at];
    const key = entry && work.keys.get(entry.id);
    if (entry === undefined || key === undefined || !needed.has(entry)) continue;
    if (!work.volatile.has(entry.id) && isCached(key)) {
      cached.push({ id: entry.id, key });
      continue;
    }
    running.push({ entry, key });
    for (const { origin } of entry.wires) if (origin !== undefined) needed.add(origin.node);
  }
  running.reverse();
  cached.reverse();
  const frees = findLastReads(running, targetNodes);
  const steps = running.map(({ entry, key }, at) => makeStep(entry, key, frees[at] ?? [], work, types));
  return { steps, cached };
}

/** For each step, the values that it is the last to read, and its own outputs that nobody reads. */
function findLastReads(running: readonly { readonly entry: IndexedNode }[], kept: ReadonlySet<IndexedNode>): ValueRef[][] {
  const frees = running.map((): ValueRef[] => []);
  const read = new Map<IndexedNode, Set<string>>();
  for (let at = running.length - 1; at >= 0; at--) {
    const entry = running[at]?.entry;
    const freed = frees[at];
    if (entry === undefined || freed === undefined) continue;
    const readLater = read.get(entry);
    if (!kept.has(entry)) {
      for (const output of Object.keys(entry.schema?.outputs ?? {})) if (!readLater?.has(output)) freed.push({ node: entry.id, output });
    }
    for (const { origin } of entry.wires) {
      if (origin === undefined || kept.has(origin.node)) continue;
      const outputs = read.get(origin.node) ?? new Set();
      if (outputs.has(origin.output)) continue;
      read.set(origin.node, outputs.add(origin.output));
      freed.push({ node: origin.node.id, output: origin.output });
    }
  }
  return frees;
}

function makeStep(entry: IndexedNode, key: string, frees: readonly ValueRef[], work: KeyedNodes, types: InferredTypes): PlannedStep {
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
  return { id: entry.id, type: entry.node.type, key, cacheable: !work.volatile.has(entry.id), inputs, params, wiredParams, walks, frees };
}

function toRef(origin: ValueOrigin): ValueRef {
  return { node: origin.node.id, output: origin.output };
}
