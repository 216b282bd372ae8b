import type { NodeRegistry } from '../nodes/define-node.ts';
import { type GraphDocument, type NodeId, nodeEntries } from './document.ts';
import { type IndexedNode, indexGraph } from './index-graph.ts';
import { resolveOrigins, sortNodes } from './sort-nodes.ts';

/** What does not run because something is muted. */
export interface MutedNodes {
  /** By node: the muted node because of which it does not run; a muted one names itself. */
  readonly causes: ReadonlyMap<NodeId, NodeId>;
  /** The same, as far as these nodes depend on it. */
  among(targets: readonly NodeId[]): ReadonlyMap<NodeId, NodeId>;
}

const NONE: MutedNodes = { causes: new Map(), among: () => new Map() };

/** Finds every muted node and everything that reads one, bypassed nodes looked through. O(nodes + wires). */
export function findMuted(document: GraphDocument, registry: NodeRegistry): MutedNodes {
  if (!nodeEntries(document).some(([, { mute }]) => mute === true)) return NONE;
  const { nodes } = indexGraph(document, registry);
  const { order } = sortNodes(nodes.values());
  resolveOrigins(order);
  const causes = new Map<NodeId, NodeId>();
  for (const entry of order) {
    if (entry.bypassed) continue;
    const source = entry.muted ? entry.id : entry.wires.map(({ origin }) => origin && causes.get(origin.node.id)).find(isSaid);
    if (source !== undefined) causes.set(entry.id, source);
  }
  return {
    causes,
    among(targets) {
      const found = new Map<NodeId, NodeId>();
      const asked = new Set<IndexedNode | undefined>(targets.map((id) => nodes.get(id)));
      for (let at = order.length - 1; at >= 0; at--) {
        const entry = order[at];
        const cause = entry && causes.get(entry.id);
        if (entry === undefined || cause === undefined || !asked.has(entry)) continue;
        found.set(entry.id, cause);
        if (!entry.muted) for (const { origin } of entry.wires) if (origin !== undefined) asked.add(origin.node);
      }
      return found;
    },
  };
}

function isSaid(id: NodeId | undefined): boolean {
  return id !== undefined;
}
