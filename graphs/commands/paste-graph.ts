import { ok, type Result } from '../../nodes/problem.ts';
import { type EdgeId, edgeEntries, type GraphDocument, type GraphDraft, type NodeId, nodeEntries, type Point } from '../document.ts';
import type { IdSource } from '../id-source.ts';
import { ownValue } from '../own-value.ts';
import { layoutPart, requirePlace } from './layout-part.ts';

/**
 * Puts another document into this one, under fresh ids where its own are taken, moved by `offset`. Text from the clipboard goes
 * through `readGraph` first. Gives the new id of every node.
 */
export function pasteGraph(
  draft: GraphDraft,
  args: { readonly ids: IdSource; readonly graph: GraphDocument; readonly offset?: Pick<Point, 'x' | 'y'> },
): Result<ReadonlyMap<NodeId, NodeId>> {
  const { graph, ids, offset = { x: 0, y: 0 } } = args;
  const place = requirePlace(offset);
  if (!place.ok) return place;
  const renamed = new Map<NodeId, NodeId>();
  for (const [old, node] of nodeEntries(graph)) {
    // "sampler3" is copied as the next free "sampler", not as "sampler32".
    const base = old.replace(/\d+$/, '') || old;
    const id = ids.next(base, (one) => Object.hasOwn(draft.nodes, one)) as NodeId; // fresh ids are ids
    renamed.set(old, id);
    draft.nodes[id] = { ...node, params: { ...node.params } };
    const position = ownValue(graph.layout?.positions, old);
    if (position !== undefined) layoutPart(draft, 'positions')[id] = moved(position, offset);
    if (ownValue(graph.layout?.collapsed, old)) layoutPart(draft, 'collapsed')[id] = true;
    if (ownValue(graph.layout?.unfolded, old)) layoutPart(draft, 'unfolded')[id] = true;
  }
  for (const [, edge] of edgeEntries(graph)) {
    const [source, target] = [renamed.get(edge.from.node), renamed.get(edge.to.node)];
    if (source === undefined || target === undefined) continue;
    const id = ids.next(`${target}.${edge.to.input}`, (one) => Object.hasOwn(draft.edges, one)) as EdgeId; // fresh ids are ids
    draft.edges[id] = { ...edge, from: { ...edge.from, node: source }, to: { ...edge.to, node: target } };
  }
  for (const [old, frame] of Object.entries(graph.layout?.frames ?? {})) {
    const frames = layoutPart(draft, 'frames');
    frames[ids.next(old, (one) => Object.hasOwn(frames, one))] = moved(frame, offset);
  }
  for (const [old, note] of Object.entries(graph.layout?.notes ?? {})) {
    const notes = layoutPart(draft, 'notes');
    notes[ids.next(old, (one) => Object.hasOwn(notes, one))] = moved(note, offset);
  }
  return ok(renamed);
}

function moved<P extends { readonly x: number; readonly y: number }>(place: P, offset: Pick<Point, 'x' | 'y'>): P {
  return { ...place, x: place.x + offset.x, y: place.y + offset.y };
}
