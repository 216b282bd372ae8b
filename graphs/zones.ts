import { type Problem, problem } from '../nodes/problem.ts';
import { type IndexedNode, nameOf } from './index-graph.ts';

/** A part of a graph that runs several times: from a node that begins it to the one that ends it. */
export interface Zone {
  readonly start: IndexedNode;
  readonly end: IndexedNode;
  /** What lies between: fed by the start, and feeding the end. Sources first; zones inside are whole in it. */
  readonly body: readonly IndexedNode[];
}

/** The zones of a graph, and what is wrong with them. */
export interface FoundZones {
  /** Inner zones before the ones around them. */
  readonly zones: readonly Zone[];
  readonly problems: readonly Problem[];
}

/** The input by which a zone's end knows its start. */
const LINK = 'zone';

/** Finds every zone among sorted nodes whose origins are resolved. O(nodes + wires) for each zone. */
export function findZones(order: readonly IndexedNode[]): FoundZones {
  const ends = order.filter((entry) => entry.schema?.zone === 'end' && !entry.bypassed);
  const starts = new Set(order.filter((entry) => entry.schema?.zone === 'start' && !entry.bypassed));
  if (ends.length === 0 && starts.size === 0) return { zones: [], problems: [] };
  const zones: Zone[] = [];
  const problems: Problem[] = [];
  for (const end of ends) {
    const start = end.byInput.get(LINK)?.[0]?.origin?.node;
    // Nothing wired there is told as a missing input.
    if (start === undefined) continue;
    if (start.schema?.zone !== 'start') {
      problems.push(
        at(
          end,
          `${nameOf(end)}: its input Zone must come from the Zone of the node that begins the repetition, and comes from ${nameOf(start)}.`,
        ),
      );
      continue;
    }
    if (!starts.delete(start)) {
      problems.push(
        at(end, `${nameOf(end)}: the zone of ${nameOf(start)} has an end already. Begin each repetition with a node of its own.`),
      );
      continue;
    }
    zones.push({ start, end, body: collectBody(order, start, end) });
  }
  for (const start of starts) {
    problems.push(at(start, `${nameOf(start)} begins a repetition that nothing ends. Wire its Zone to the node that ends it.`));
  }
  problems.push(...findLeaks(order, zones));
  return { zones, problems };
}

/** Everything that depends on the start and that the end depends on. */
function collectBody(order: readonly IndexedNode[], start: IndexedNode, end: IndexedNode): IndexedNode[] {
  const fed = new Set<IndexedNode>([start]);
  for (const entry of order) if (entry.wires.some(({ origin }) => origin !== undefined && fed.has(origin.node))) fed.add(entry);
  const feeding = new Set<IndexedNode>([end]);
  for (let index = order.length - 1; index >= 0; index--) {
    const entry = order[index];
    if (entry === undefined || !feeding.has(entry)) continue;
    for (const { origin } of entry.wires) if (origin !== undefined) feeding.add(origin.node);
  }
  return order.filter((entry) => entry !== start && entry !== end && !entry.bypassed && fed.has(entry) && feeding.has(entry));
}

/** Nodes outside of a zone that read something inside of it other than through its end: they would not know which turn is meant. */
function findLeaks(order: readonly IndexedNode[], zones: readonly Zone[]): Problem[] {
  const problems: Problem[] = [];
  for (const { start, body, end } of zones) {
    const inside = new Set<IndexedNode>([start, ...body]);
    for (const entry of order) {
      if (entry === end || entry.bypassed || inside.has(entry)) continue;
      const wire = entry.wires.find(({ origin }) => origin !== undefined && inside.has(origin.node));
      if (wire?.origin === undefined) continue;
      const sentence =
        `${nameOf(entry)} reads ${nameOf(wire.origin.node)}, which is repeated inside the zone that ends with ${nameOf(end)}. ` +
        `Only what goes through ${nameOf(end)} comes out: wire it to that node.`;
      problems.push(
        problem('graph.typeMismatch', sentence, { nodeId: entry.id, socket: wire.input, path: `nodes.${entry.id}.inputs.${wire.input}` }),
      );
    }
  }
  return problems;
}

function at(entry: IndexedNode, message: string): Problem {
  return problem('graph.typeMismatch', message, { nodeId: entry.id, socket: LINK, path: `nodes.${entry.id}.inputs.${LINK}` });
}
