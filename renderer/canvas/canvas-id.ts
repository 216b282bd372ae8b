import type { NodeId } from '../../graphs/document.ts';

/** What an element of the canvas stands for. Nodes, frames and notes share one list there and have ids of their own. */
export type CanvasKind = 'node' | 'frame' | 'note';

/** The id of an element on the canvas. */
export function canvasId(kind: CanvasKind, id: string): string {
  return `${kind}:${id}`;
}

/** What a canvas id stands for. */
export function readCanvasId(id: string): { readonly kind: CanvasKind; readonly id: string } {
  const at = id.indexOf(':');
  return { kind: id.slice(0, at) as CanvasKind, id: id.slice(at + 1) }; // only canvasId makes them
}

/** The document's id of a node's element. */
export function nodeOf(id: string): NodeId {
  return id.slice('node:'.length) as NodeId; // made from a node's id
}

/** The id of a socket as wires name it. */
export function socketId(side: 'input' | 'output', name: string): string {
  return `${side}:${name}`;
}
