import { edgeEntries, type GraphDocument, type GraphNode, type NodeId, nodeEntries } from '../../graphs/document.ts';
import { foldedParams } from '../../graphs/folded-params.ts';
import { nodeName, socketTitle } from '../../graphs/node-name.ts';
import { ownValue } from '../../graphs/own-value.ts';
import type { AnyNodeDefinition, NodeRegistry } from '../../nodes/define-node.ts';
import { type ParamSpec, show } from '../../nodes/params.ts';
import { socketKindOfParam } from '../../nodes/types/from-kind.ts';
import { placeInColumns } from './place-in-columns.ts';

const WIDTH = 248;
const HEADER = 32;
const ROW = 24;
const PADDING = 8;

/** What the editor's rows have over those here (renderer/canvas/node-geometry.ts), and its pictures. */
const EDITOR = { param: 6, longText: 68, foldRow: 24, picture: 254 } as const;

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
  /** How high the editor draws it, with room for a picture where it may show one. */
  readonly room: number;
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
  const places = placeInColumns(document, loose, boxes);
  for (const box of loose) {
    const { x, y } = places.get(box.id) ?? box;
    const down = y - box.y;
    boxes.push({ ...box, x, y, rows: box.rows.map((row) => ({ ...row, y: row.y + down })) });
  }
  return boxes;
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
  let extra = folded.length > 0 || isUnfolded ? EDITOR.foldRow : 0;
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
    extra += spec?.kind === 'text' && spec.multiline === true ? EDITOR.longText : EDITOR.param;
  }
  if (definition !== undefined && mayShowPicture(definition)) extra += EDITOR.picture;
  const height = middle - y - ROW / 2 + PADDING;
  return {
    id,
    title: node.title || definition?.title || node.type,
    name: nodeName(id, node, definition),
    x,
    y,
    width: WIDTH,
    height,
    room: height + extra,
    isUnknown: definition === undefined,
    isBypassed: node.bypass === true,
    isMuted: node.mute === true,
    rows,
  };
}

/** Loaded, shown and saved pictures, and those that develop. */
function mayShowPicture({ category, params, effects = [] }: AnyNodeDefinition): boolean {
  return (
    category === 'sampling' || effects.length > 0 || Object.values(params).some((spec) => spec.kind === 'file' && spec.holds === 'image')
  );
}

function showValue(spec: ParamSpec | undefined, value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (spec?.kind === 'choice' && typeof value === 'string') return ownValue(spec.options, value) ?? value;
  if (spec?.kind === 'model' && typeof value === 'object' && 'name' in value) return String(value.name);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : show(value);
}

function limit(place: number | undefined): number {
  return Math.max(-FARTHEST, Math.min(FARTHEST, place ?? 0));
}
