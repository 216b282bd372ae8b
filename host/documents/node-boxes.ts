import { edgeEntries, type GraphDocument, type GraphNode, type NodeId, nodeEntries } from '../../graphs/document.ts';
import { foldedParams } from '../../graphs/folded-params.ts';
import { nodeName, socketTitle } from '../../graphs/node-name.ts';
import { ownValue } from '../../graphs/own-value.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import { type ParamSpec, show } from '../../nodes/params.ts';
import { socketKindOfParam } from '../../nodes/types/from-kind.ts';

const WIDTH = 248;
const HEADER = 32;
const ROW = 24;
const PADDING = 8;
const COLUMN = 340;
const GAP = 40;

/** Farther out than any canvas; a file may hold any number. */
const FARTHEST = 1e6;

/** One row of a node as it is drawn. */
export interface BoxRow {
  readonly side: 'input' | 'output' | 'param';
  readonly name: string;
  readonly title: string;
  /** Kind of socket, for its colour; undefined: a parameter without a wire. */
  readonly kind: string | undefined;
  /** What a parameter is set to, in full. */
  readonly value: string | undefined;
  /** Middle of the row, from the top of the canvas. */
  readonly y: number;
}

/** A node with its place. */
export interface NodeBox {
  readonly id: NodeId;
  readonly title: string;
  /** With its id, as sentences name it. */
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly isUnknown: boolean;
  readonly isBypassed: boolean;
  readonly isMuted: boolean;
  readonly rows: readonly BoxRow[];
}

/** Every node of a graph where it is drawn: where it lies on the canvas, else in columns from left to right in the order of flow. */
export function placeNodes(document: GraphDocument, registry: NodeRegistry): NodeBox[] {
  const wired = wiredSockets(document);
  const positions = document.layout?.positions ?? {};
  const boxes: NodeBox[] = [];
  const loose: NodeBox[] = [];
  for (const [id, node] of nodeEntries(document)) {
    const at = ownValue(positions, id);
    const isUnfolded = ownValue(document.layout?.unfolded, id) === true;
    const box = measure(id, node, wired.get(id), registry, { x: limit(at?.x), y: limit(at?.y), isUnfolded });
    (at === undefined ? loose : boxes).push(box);
  }
  return [...boxes, ...placeInColumns(document, loose, boxes)];
}

interface Wired {
  readonly inputs: Set<string>;
  readonly outputs: Set<string>;
}

function wiredSockets(document: GraphDocument): Map<NodeId, Wired> {
  const all = new Map<NodeId, Wired>();
  const of = (id: NodeId): Wired => {
    const found = all.get(id) ?? { inputs: new Set<string>(), outputs: new Set<string>() };
    all.set(id, found);
    return found;
  };
  for (const [, { from, to }] of edgeEntries(document)) {
    of(from.node).outputs.add(from.output);
    of(to.node).inputs.add(to.input);
  }
  return all;
}

function measure(
  id: NodeId,
  node: GraphNode,
  wired: Wired | undefined,
  registry: NodeRegistry,
  { x, y, isUnfolded }: { readonly x: number; readonly y: number; readonly isUnfolded: boolean },
): NodeBox {
  const definition = registry.get(node.type);
  const inputs = new Set([...Object.keys(definition?.inputs ?? {}), ...(definition === undefined ? (wired?.inputs ?? []) : [])]);
  const outputs = new Set([...Object.keys(definition?.outputs ?? {}), ...(definition === undefined ? (wired?.outputs ?? []) : [])]);
  const specs = definition?.params ?? {};
  const folded = definition === undefined || isUnfolded ? [] : foldedParams(definition, node, (name) => wired?.inputs.has(name) === true);
  const rows: BoxRow[] = [];
  let middle = y + HEADER + PADDING + ROW / 2;
  const add = (row: Omit<BoxRow, 'y'>): void => {
    rows.push({ ...row, y: middle });
    middle += ROW;
  };
  for (const name of outputs) {
    const kind = ownValue(definition?.outputs, name)?.type ?? 'any';
    add({ side: 'output', name, title: socketTitle(definition, 'outputs', name), kind, value: undefined });
  }
  for (const name of inputs) {
    const kind = ownValue(definition?.inputs, name)?.type ?? 'any';
    add({ side: 'input', name, title: socketTitle(definition, 'inputs', name), kind, value: undefined });
  }
  for (const name of new Set([...Object.keys(specs), ...Object.keys(node.params)])) {
    if (inputs.has(name) || folded.includes(name)) continue;
    const spec = ownValue(specs, name);
    const isWired = wired?.inputs.has(name) ?? false;
    const stored = Object.hasOwn(node.params, name) ? node.params[name] : spec?.default;
    const kind = isWired ? (spec === undefined ? 'any' : socketKindOfParam(spec.kind)) : undefined;
    add({ side: 'param', name, title: spec?.title ?? name, kind, value: isWired ? 'wired' : showValue(spec, stored) });
  }
  return {
    id,
    title: node.title || definition?.title || node.type,
    name: nodeName(id, node, definition),
    x,
    y,
    width: WIDTH,
    height: middle - y - ROW / 2 + PADDING,
    isUnknown: definition === undefined,
    isBypassed: node.bypass === true,
    isMuted: node.mute === true,
    rows,
  };
}

function showValue(spec: ParamSpec | undefined, value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (spec?.kind === 'choice' && typeof value === 'string') return ownValue(spec.options, value) ?? value;
  if (spec?.kind === 'model' && typeof value === 'object' && 'name' in value) return String(value.name);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : show(value);
}

/** Below whatever has a place, one column for each step of the flow. */
function placeInColumns(document: GraphDocument, loose: readonly NodeBox[], placed: readonly NodeBox[]): NodeBox[] {
  const depths = findDepths(document);
  const left = placed.length === 0 ? 0 : placed.reduce((least, box) => Math.min(least, box.x), FARTHEST);
  const top = placed.reduce((most, box) => Math.max(most, box.y + box.height + GAP), 0);
  const bottoms = new Map<number, number>();
  return loose.map((box) => {
    const depth = depths.get(box.id) ?? 0;
    const y = bottoms.get(depth) ?? top;
    bottoms.set(depth, y + box.height + GAP);
    const down = y - box.y;
    return { ...box, x: left + depth * COLUMN, y, rows: box.rows.map((row) => ({ ...row, y: row.y + down })) };
  });
}

/** How many wires lie before a node at most; what flows in a circle stands first. */
function findDepths(document: GraphDocument): Map<NodeId, number> {
  const depths = new Map<NodeId, number>();
  const waiting = new Map<NodeId, number>();
  const targets = new Map<NodeId, NodeId[]>();
  for (const [, { from, to }] of edgeEntries(document)) {
    waiting.set(to.node, (waiting.get(to.node) ?? 0) + 1);
    targets.set(from.node, [...(targets.get(from.node) ?? []), to.node]);
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
  return depths;
}

function limit(place: number | undefined): number {
  return Math.max(-FARTHEST, Math.min(FARTHEST, place ?? 0));
}
