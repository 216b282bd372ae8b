import type { NodeRegistry } from '../nodes/define-node.ts';
import { edgeEntries, type GraphDocument, type GraphNode, type NodeId, nodeEntries } from './document.ts';
import { ownValue } from './own-value.ts';

/** A seed parameter of a node. */
export interface SeedPlace {
  readonly node: NodeId;
  readonly param: string;
}

/** Every seed of a graph that no wire gives. */
export function listSeeds(document: GraphDocument, registry: NodeRegistry): SeedPlace[] {
  const wired = new Set(edgeEntries(document).map(([, { to }]) => JSON.stringify([to.node, to.input])));
  return nodeEntries(document).flatMap(([node, { type }]) =>
    Object.entries(registry.get(type)?.params ?? {}).flatMap(([param, spec]) =>
      spec.kind === 'seed' && !wired.has(JSON.stringify([node, param])) ? [{ node, param }] : [],
    ),
  );
}

/** Whether windows give a seed a new value before each run. */
export function isUnlocked(document: GraphDocument, { node, param }: SeedPlace): boolean {
  return ownValue(ownValue(document.nodes, node)?.unlocked, param) === true;
}

/** True when two graphs differ in values of unlocked seeds at most, their layout aside: throwing seeds is no change that a person made. */
export function differsInSeedsOnly(a: GraphDocument, b: GraphDocument): boolean {
  if (a.edges !== b.edges) return false;
  if (a.nodes === b.nodes) return true;
  const entries = nodeEntries(b);
  return entries.length === Object.keys(a.nodes).length && entries.every(([id, node]) => isSameButSeeds(ownValue(a.nodes, id), node));
}

function isSameButSeeds(before: GraphNode | undefined, after: GraphNode): boolean {
  if (before === after) return true;
  if (before === undefined) return false;
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const field of fields) if (field !== 'params' && before[field] !== after[field]) return false;
  const params = new Set([...Object.keys(before.params), ...Object.keys(after.params)]);
  return [...params].every((param) => before.params[param] === after.params[param] || ownValue(after.unlocked, param) === true);
}
