import { appendTo } from '../../graphs/append-to.ts';
import { edgeEntries, type GraphDocument, type NodeId, nodeEntries, type Point } from '../../graphs/document.ts';

const COLUMN = 340;
const GAP = 40;

/** A node that lies somewhere or is to be given a place. */
interface Box {
  readonly id: NodeId;
  readonly x: number;
  readonly y: number;
  readonly room: number;
}

/**
 * Places for nodes that have none: below whatever has one, in one column for each step of the flow, and in a column in the order of what feeds
 * them, so that few wires cross. O(n log n).
 */
export function placeInColumns(document: GraphDocument, loose: readonly Box[], placed: readonly Box[]): Map<NodeId, Point> {
  const left = placed.length === 0 ? 0 : placed.reduce((least, box) => Math.min(least, box.x), Number.POSITIVE_INFINITY);
  const top = placed.reduce((most, box) => Math.max(most, box.y + box.room + GAP), 0);
  const { depths, sources } = followFlow(document);
  const columns = new Map<number, Box[]>();
  for (const box of loose) appendTo(columns, depths.get(box.id) ?? 0, box);
  const places = new Map<NodeId, Point>();
  const heightOf = (box: Box): number => {
    const above = (sources.get(box.id) ?? []).flatMap((id) => places.get(id)?.y ?? []);
    return above.length === 0 ? 0 : above.reduce((sum, y) => sum + y, 0) / above.length;
  };
  for (const [depth, boxes] of [...columns].sort(([a], [b]) => a - b)) {
    let y = top;
    const sorted = boxes.map((box) => ({ box, height: heightOf(box) })).sort((a, b) => a.height - b.height);
    for (const { box } of sorted) {
      places.set(box.id, { x: left + depth * COLUMN, y });
      y += box.room + GAP;
    }
  }
  return places;
}

/** How many wires lie before each node at most, and what feeds it; what flows in a circle stands first. */
function followFlow(document: GraphDocument): { depths: Map<NodeId, number>; sources: Map<NodeId, NodeId[]> } {
  const depths = new Map<NodeId, number>();
  const waiting = new Map<NodeId, number>();
  const targets = new Map<NodeId, NodeId[]>();
  const sources = new Map<NodeId, NodeId[]>();
  for (const [, { from, to }] of edgeEntries(document)) {
    waiting.set(to.node, (waiting.get(to.node) ?? 0) + 1);
    appendTo(targets, from.node, to.node);
    appendTo(sources, to.node, from.node);
  }
  const ready = nodeEntries(document)
    .map(([id]) => id)
    .filter((id) => !waiting.has(id));
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    for (const target of targets.get(id) ?? []) {
      depths.set(target, Math.max(depths.get(target) ?? 0, (depths.get(id) ?? 0) + 1));
      const left = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  return { depths, sources };
}
