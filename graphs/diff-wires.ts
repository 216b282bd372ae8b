import type { NodeRegistry } from '../nodes/define-node.ts';
import { appendTo } from './append-to.ts';
import type { DiffEntry } from './diff-graphs.ts';
import { edgeEntries, type GraphDocument, type GraphEdge, type NodeId } from './document.ts';
import { nodeName, quote, shorten, socketTitle } from './node-name.ts';
import { ownValue } from './own-value.ts';

/** Differences in wires, input by input. Wires that went with a removed node are not told: that it was removed says it. */
export function diffWires(a: GraphDocument, b: GraphDocument, registry: NodeRegistry): DiffEntry[] {
  if (a.edges === b.edges) return [];
  const [before, after] = [byInput(a), byInput(b)];
  const entries: DiffEntry[] = [];
  const end = (document: GraphDocument, id: NodeId, side: 'inputs' | 'outputs', socket: string): string => {
    const node = ownValue(document.nodes, id);
    const definition = node && registry.get(node.type);
    return `${node ? nodeName(id, node, definition) : quote(id)} ${shorten(socketTitle(definition, side, socket))}`;
  };
  const source = (document: GraphDocument, edge: GraphEdge): string => end(document, edge.from.node, 'outputs', edge.from.output);
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(key) ?? [], after.get(key) ?? []];
    const [to] = [...now, ...old].map((edge) => edge.to);
    if (to === undefined || ownValue(b.nodes, to.node) === undefined) continue;
    const gone = without(old, now).filter((edge) => ownValue(b.nodes, edge.from.node) !== undefined);
    const come = without(now, old);
    const target = end(b, to.node, 'inputs', to.input);
    const about = { nodeId: to.node, socket: to.input };
    const [lost, gained] = [gone[0], come[0]];
    if (old.length === 1 && now.length === 1 && lost !== undefined && gained !== undefined) {
      entries.push({ kind: 'rewired', message: `rewired ${target}: ${source(a, lost)} → ${source(b, gained)}`, ...about });
      continue;
    }
    for (const edge of gone) entries.push({ kind: 'unwired', message: `unwired ${source(a, edge)} → ${target}`, ...about });
    for (const edge of come) entries.push({ kind: 'wired', message: `wired ${source(b, edge)} → ${target}`, ...about });
    if (
      gone.length === 0 &&
      come.length === 0 &&
      old.length === now.length &&
      old.some((edge, at) => originOf(edge) !== originOf(now[at]))
    ) {
      entries.push({ kind: 'rewired', message: `${target}: changed the order of its wires`, ...about });
    }
  }
  return entries;
}

/** Wires by the input they end in, in the order in which it takes them. */
function byInput(document: GraphDocument): Map<string, GraphEdge[]> {
  const found = new Map<string, GraphEdge[]>();
  const sorted = edgeEntries(document).sort(([x, one], [y, other]) => (one.to.index ?? 0) - (other.to.index ?? 0) || (x < y ? -1 : 1));
  for (const [, edge] of sorted) {
    appendTo(found, JSON.stringify([edge.to.node, edge.to.input]), edge);
  }
  return found;
}

function originOf(edge: GraphEdge | undefined): string {
  return JSON.stringify([edge?.from.node, edge?.from.output]);
}

/** The wires of one list that the other does not have, counting doubles. */
function without(list: readonly GraphEdge[], other: readonly GraphEdge[]): GraphEdge[] {
  const left = new Map<string, number>();
  for (const edge of other) left.set(originOf(edge), (left.get(originOf(edge)) ?? 0) + 1);
  return list.filter((edge) => {
    const count = left.get(originOf(edge)) ?? 0;
    left.set(originOf(edge), count - 1);
    return count <= 0;
  });
}
