import type { NodeRegistry } from '../nodes/define-node.ts';
import { show } from '../nodes/params.ts';
import { canonicalJson } from './canonical-json.ts';
import { diffWires } from './diff-wires.ts';
import { type GraphDocument, type GraphNode, type NodeId, nodeEntries } from './document.ts';
import { nodeName, quote, shorten } from './node-name.ts';
import { ownValue } from './own-value.ts';

/** One difference between two graphs, in a person's words. */
export interface DiffEntry {
  readonly kind:
    | 'added'
    | 'removed'
    | 'replaced'
    | 'param'
    | 'title'
    | 'bypass'
    | 'mute'
    | 'lock'
    | 'version'
    | 'wired'
    | 'unwired'
    | 'rewired'
    | 'layout'
    | 'other';
  readonly message: string;
  readonly nodeId?: NodeId;
  /** The parameter or input it is about. */
  readonly socket?: string;
}

/**
 * What changes from graph `a` to graph `b`: nodes, parameters and wires one by one, layout in sum. Names of files, keys' order,
 * ids of wires and defaults that one file writes out and the other does not are no difference.
 */
export function diffGraphs(a: GraphDocument, b: GraphDocument, registry: NodeRegistry): DiffEntry[] {
  const entries: DiffEntry[] = [];
  const name = (id: NodeId, node: GraphNode): string => nodeName(id, node, registry.get(node.type));
  for (const [id, node] of nodeEntries(a)) {
    if (ownValue(b.nodes, id) === undefined) entries.push({ kind: 'removed', message: `removed ${name(id, node)}`, nodeId: id });
  }
  for (const [id, node] of nodeEntries(b)) {
    const before = ownValue(a.nodes, id);
    if (before === undefined) entries.push({ kind: 'added', message: `added ${name(id, node)}`, nodeId: id });
    else if (before !== node) entries.push(...diffNode(id, before, node, registry));
  }
  entries.push(...diffWires(a, b, registry), ...diffLayout(a, b), ...diffRest(a, b));
  return entries;
}

function diffNode(id: NodeId, before: GraphNode, after: GraphNode, registry: NodeRegistry): DiffEntry[] {
  const definition = registry.get(after.type);
  const named = nodeName(id, after, definition);
  if (before.type !== after.type) {
    const old = nodeName(id, before, registry.get(before.type));
    return [{ kind: 'replaced', message: `replaced ${old} by ${named}`, nodeId: id }];
  }
  const entries: DiffEntry[] = [];
  if (before.version !== after.version) {
    entries.push({ kind: 'version', message: `${named}: version ${before.version} → ${after.version}`, nodeId: id });
  }
  if (before.title !== after.title) {
    const [old, now] = [before, after].map((node) => quote(node.title || (definition?.title ?? node.type)));
    entries.push({ kind: 'title', message: `${named}: renamed from ${old} to ${now}`, nodeId: id });
  }
  if ((before.bypass === true) !== (after.bypass === true)) {
    entries.push({ kind: 'bypass', message: `${named}: ${after.bypass ? 'bypassed' : 'switched on again'}`, nodeId: id });
  }
  if ((before.mute === true) !== (after.mute === true)) {
    entries.push({ kind: 'mute', message: `${named}: ${after.mute ? 'muted' : 'not muted any more'}`, nodeId: id });
  }
  const specs = definition?.params ?? {};
  for (const param of new Set([...Object.keys(specs), ...Object.keys(before.params), ...Object.keys(after.params)])) {
    const spec = ownValue(specs, param);
    const [old, now] = [before, after].map((node) => (Object.hasOwn(node.params, param) ? node.params[param] : spec?.default));
    if (same(old, now)) continue;
    const message = `${named}: ${spec?.title ?? shorten(param)} ${showParam(old)} → ${showParam(now)}`;
    entries.push({ kind: 'param', message, nodeId: id, socket: param });
  }
  for (const param of new Set([...Object.keys(before.unlocked ?? {}), ...Object.keys(after.unlocked ?? {})])) {
    const [old, now] = [before, after].map((node) => ownValue(node.unlocked, param) === true);
    if (old === now) continue;
    const what = now ? 'is thrown anew before each run' : 'is kept';
    entries.push({
      kind: 'lock',
      message: `${named}: ${ownValue(specs, param)?.title ?? shorten(param)} ${what}`,
      nodeId: id,
      socket: param,
    });
  }
  const known = new Set(['type', 'version', 'title', 'bypass', 'mute', 'unlocked', 'params']);
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (known.has(field) || same(ownValue(before, field), ownValue(after, field))) continue;
    entries.push({ kind: 'other', message: `${named}: changed ${quote(field)}`, nodeId: id });
  }
  return entries;
}

function diffLayout(a: GraphDocument, b: GraphDocument): DiffEntry[] {
  if (a.layout === b.layout) return [];
  const entries: DiffEntry[] = [];
  const moved = nodeEntries(b).filter(
    ([id]) => ownValue(a.nodes, id) !== undefined && !same(ownValue(a.layout?.positions, id), ownValue(b.layout?.positions, id)),
  );
  if (moved.length > 0) entries.push({ kind: 'layout', message: `moved ${moved.length} ${moved.length === 1 ? 'node' : 'nodes'}` });
  const parts = new Set([...Object.keys(a.layout ?? {}), ...Object.keys(b.layout ?? {})]);
  for (const part of [...parts].sort()) {
    if (part === 'positions' || same(ownValue(a.layout, part) ?? {}, ownValue(b.layout, part) ?? {})) continue;
    entries.push({ kind: 'layout', message: `changed the layout: ${shorten(part)}` });
  }
  return entries;
}

function diffRest(a: GraphDocument, b: GraphDocument): DiffEntry[] {
  const known = new Set(['nodes', 'edges', 'layout']);
  const fields = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((field) => !known.has(field)).sort();
  return fields
    .filter((field) => !same(ownValue(a, field), ownValue(b, field)))
    .map((field) => ({ kind: 'other', message: field === 'meta' ? 'changed the description' : `changed ${quote(field)}` }));
}

function showParam(value: unknown): string {
  return value === undefined ? 'not set' : show(value);
}

function same(a: unknown, b: unknown): boolean {
  if (a === b || a === undefined || b === undefined) return a === b;
  return canonicalJson(a) === canonicalJson(b);
}
