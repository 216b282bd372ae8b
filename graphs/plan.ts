import type { NodeRegistry } from '../nodes/define-node.ts';
import { fail, ok, type Problem, problem, type Result, warning } from '../nodes/problem.ts';
import { checkNode, explainCycle } from './check-node.ts';
import type { GraphDocument, NodeId } from './document.ts';
import { findMuted } from './find-muted.ts';
import { type GraphIndex, type IndexedNode, indexGraph, nameOf } from './index-graph.ts';
import { type InferredTypes, inferSorted } from './infer.ts';
import { nearestNames } from './nearest-names.ts';
import { listNames, quote } from './node-name.ts';
import { ownValue } from './own-value.ts';
import { keyText } from './plan-key.ts';
import { type KeyedNodes, orderSteps } from './plan-steps.ts';
import type { Plan, PlanRequest } from './run-plan.ts';
import { resolveOrigins, type SortedNodes, sortNodes } from './sort-nodes.ts';
import { type FoundZones, findZones, type Zone } from './zones.ts';

/**
 * Decides what has to run for the targets: keys first (Merkle: over type, version, parameters and the keys of what feeds a node),
 * then backwards only what the cache does not have. O(nodes + wires), without recursion. Nodes that can't run block what depends
 * on them and nothing else; what is muted, and what depends on it, is left out. Fails only when a target does not exist.
 */
export function planRun(request: PlanRequest): Result<Plan> {
  const { document, registry, facts } = request;
  const index = indexGraph(document, registry);
  const chosen = request.targets === undefined ? ok(defaultTargets(index)) : findTargets(index, request.targets);
  if (!chosen.ok) return chosen;
  const muted = findMuted(document, registry);
  const present = chosen.value.filter((one) => !muted.causes.has(one.id));
  // Before the targets are sorted: what they need is then marked as it is sorted for them.
  const { zones, problems: zoneProblems } = findAllZones(index);
  // What acts inside of a zone runs with it; only a node that is asked for by name must not be one of those.
  const targets = request.targets === undefined ? withZoneEnds(zones, present) : present;
  const left = chosen.value.filter((one) => muted.causes.has(one.id));
  const sorted = sortNodes(targets);
  resolveOrigins(sorted.order);
  const types = inferSorted(sorted.order, registry, facts, () => sortAll(indexGraph(document, registry)));
  const asked = new Set<string>(zoneProblems.length === 0 ? [] : sorted.order.map(({ id }) => id));
  const problems = collectProblems(document, index, sorted, types, registry);
  problems.push(...zoneProblems.filter(({ nodeId }) => nodeId !== undefined && asked.has(nodeId)));
  const repeated = new Set(zones.flatMap(({ start, body }) => [start, ...body]));
  const work = assignKeys(sorted.order, types, problems, repeated, request);
  const { steps, cached } = orderSteps(
    sorted.order,
    targets.filter((one) => !repeated.has(one)),
    work,
    types,
    zones,
    request.isCached,
  );
  const blocked = blockedAmong(sorted.order, targets, work.blocked);
  for (const target of targets) {
    if (!target.bypassed && !repeated.has(target)) continue;
    const refusal = target.bypassed ? explainBypassedTarget(target) : explainRepeatedTarget(target);
    problems.push(refusal);
    blocked.set(target.id, refusal);
  }
  if (request.targets === undefined) {
    if (targets.length === 0 && left.length > 0) problems.push(explainNothingLeft(left));
  } else {
    for (const target of left) {
      const refusal = explainMutedTarget(target, index.nodes.get(muted.causes.get(target.id) ?? target.id) ?? target);
      problems.push(refusal);
      blocked.set(target.id, refusal);
    }
  }
  return ok({
    targets: (request.targets === undefined ? targets : chosen.value).map((one) => one.id),
    steps,
    cached,
    keys: work.keys,
    blocked,
    muted: muted.among(left.map((one) => one.id)),
    problems,
  });
}

/** The zones of the whole graph, since the end of one need not be asked for. */
function findAllZones(index: GraphIndex): FoundZones {
  const hasZones = [...index.nodes.values()].some((entry) => entry.schema?.zone !== undefined);
  return hasZones ? findZones(sortAll(index)) : { zones: [], problems: [] };
}

/** Those nodes, with the ends of zones in place of what lies in them. */
function withZoneEnds(zones: readonly Zone[], nodes: readonly IndexedNode[]): IndexedNode[] {
  const ends = new Map<IndexedNode, IndexedNode>();
  // Inner zones come first, so that the ends of those around them count.
  for (const { start, body, end } of zones) for (const one of [start, ...body]) ends.set(one, end);
  return [...new Set(nodes.map((one) => ends.get(one) ?? one))];
}

/** Every node of the graph, also those that the targets do not need. */
function sortAll(index: GraphIndex): SortedNodes['order'] {
  const { order } = sortNodes([...index.nodes.values()]);
  resolveOrigins(order);
  return order;
}

function findTargets(index: GraphIndex, ids: readonly string[]): Result<IndexedNode[]> {
  const found: IndexedNode[] = [];
  for (const id of new Set(ids)) {
    const entry = index.nodes.get(id as NodeId); // any text may be looked up as an id
    if (entry === undefined) {
      const near = nearestNames(id, index.nodes.keys());
      const advice = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Name a node of the graph by its id.';
      return fail('graph.noSuchNode', `The graph has no node ${quote(id)} to run. ${advice}`);
    }
    found.push(entry);
  }
  return ok(found);
}

/** Nodes that do something to the world; where there are none, nodes that nothing comes after. */
function defaultTargets(index: GraphIndex): IndexedNode[] {
  const all = [...index.nodes.values()];
  const acting = all.filter((one) => !one.bypassed && (one.schema?.effects?.length ?? 0) > 0);
  if (acting.length > 0) return acting;
  const read = new Set<IndexedNode>();
  for (const one of all) for (const wire of one.wires) read.add(wire.source);
  return all.filter((one) => !one.bypassed && !read.has(one));
}

function collectProblems(
  document: GraphDocument,
  index: GraphIndex,
  sorted: SortedNodes,
  types: InferredTypes,
  registry: NodeRegistry,
): Problem[] {
  const problems: Problem[] = [];
  for (const [id, refusal] of index.refused) {
    const target = ownValue(document.edges, id)?.to.node;
    // A wire that is left out leaves its target other than it was drawn, so that is the node that must not run.
    problems.push(target === undefined ? refusal : { ...refusal, nodeId: target });
  }
  for (const cycle of sorted.cycles) problems.push(explainCycle(cycle));
  for (const entry of sorted.order) {
    // A bypassed or muted node is not run, so its parameters don't matter.
    if (!entry.bypassed && !entry.muted) problems.push(...checkNode(entry, registry));
  }
  problems.push(...types.problems);
  return problems;
}

function explainBypassedTarget(entry: IndexedNode): Problem {
  const sentence = `${nameOf(entry)} is bypassed, so it has no result of its own. Switch it on, or ask for another node.`;
  return problem('graph.commandRefused', sentence, { nodeId: entry.id, path: `nodes.${entry.id}.bypass` });
}

function explainMutedTarget(entry: IndexedNode, cause: IndexedNode): Problem {
  const sentence =
    entry === cause
      ? `${nameOf(entry)} is muted, so it does not run. Switch it on, or ask for another node.`
      : `${nameOf(entry)} needs ${nameOf(cause)}, which is muted, so it does not run. Switch that node on, or ask for another one.`;
  return problem('graph.commandRefused', sentence, { nodeId: entry.id, path: `nodes.${entry.id}` });
}

function explainNothingLeft(left: readonly IndexedNode[]): Problem {
  const sentence = `Nothing was run: ${listNames(left.map(nameOf))} would have been, and what is muted does not run, nor what depends on it.`;
  return warning('graph.commandRefused', sentence);
}

function explainRepeatedTarget(entry: IndexedNode): Problem {
  const sentence = `${nameOf(entry)} is repeated inside a zone, so it has no single result. Ask for the node that ends the zone.`;
  return problem('graph.commandRefused', sentence, { nodeId: entry.id, path: `nodes.${entry.id}` });
}

/** Sources first: a key for every node that can have one, and the reason for every node that can't. Adds what files say to `problems`. */
function assignKeys(
  order: readonly IndexedNode[],
  types: InferredTypes,
  problems: Problem[],
  repeated: ReadonlySet<IndexedNode>,
  request: PlanRequest,
): KeyedNodes {
  const own = new Map<string, Problem>();
  for (const one of problems) {
    if (one.severity === 'error' && one.nodeId !== undefined && !own.has(one.nodeId)) own.set(one.nodeId, one);
  }
  const keys = new Map<NodeId, string>();
  const blocked = new Map<NodeId, Problem>();
  const volatile = new Set<NodeId>();
  /** Nodes whose outputs may differ from run to run, and with them everything that depends on them. */
  const tainted = new Set<NodeId>();
  for (const entry of order) {
    const { id, schema } = entry;
    let reason = own.get(id);
    let isTainted = false;
    for (const { origin, source } of entry.wires) {
      if (origin !== undefined) {
        if (!entry.bypassed) reason ??= blocked.get(origin.node.id);
        isTainted ||= tainted.has(origin.node.id);
      } else if (source.bypassed) {
        // It passes nothing on because something is wrong with it, not because it has nothing.
        reason ??= blocked.get(source.id);
      }
    }
    if (entry.muted) continue;
    if (entry.bypassed) {
      if (reason !== undefined) blocked.set(id, reason);
      continue;
    }
    if (reason === undefined) {
      const text = keyText(entry, (origin) => keys.get(origin.node.id) ?? '', types.params.get(id) ?? {}, request.facts);
      if (text.problem !== undefined) {
        problems.push(text.problem);
        reason = text.problem;
      }
      isTainted ||= text.unknownFile;
      if (reason === undefined) keys.set(id, request.hash(text.text));
    }
    if (reason !== undefined) blocked.set(id, reason);
    const effects = schema?.effects ?? [];
    if (isTainted || effects.length > 0 || schema?.keeps === false || repeated.has(entry)) volatile.add(id);
    // Showing a value changes nothing about it; a file that was written is another one each time.
    if (isTainted || effects.some((effect) => effect !== 'shows')) tainted.add(id);
  }
  return { keys, blocked, volatile };
}

/** Only what the targets asked for is reported: the sorted nodes hold more where a bypassed node has inputs it does not pass on. */
function blockedAmong(
  order: readonly IndexedNode[],
  targets: readonly IndexedNode[],
  blocked: ReadonlyMap<NodeId, Problem>,
): Map<NodeId, Problem> {
  const asked = new Set<IndexedNode>(targets);
  const found = new Map<NodeId, Problem>();
  for (let at = order.length - 1; at >= 0; at--) {
    const entry = order[at];
    if (entry === undefined || !asked.has(entry)) continue;
    const reason = blocked.get(entry.id);
    if (reason !== undefined) found.set(entry.id, reason);
    for (const { origin } of entry.wires) if (origin !== undefined) asked.add(origin.node);
  }
  return found;
}
