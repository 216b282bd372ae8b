import { getBezierPath, type Node, type NodeHandle } from '@xyflow/react';
import { appendTo } from '../../graphs/append-to.ts';
import type { XY } from '../editor.ts';
import type { WireElement } from './flow-elements.ts';

/*
 * While something is dragged, what is drawn of it is moved where it stands. Through React Flow each frame of a drag makes every dragged
 * node and its wires anew, which takes most of a frame for fifty of them; here it is a transform for each node and a path for each wire.
 */

/** What is seen of the canvas, as React Flow has it. */
export interface SeenPart {
  readonly transform: readonly [number, number, number];
  readonly width: number;
  readonly height: number;
}

/** Moves what is drawn on one canvas. */
export interface PlaceMover {
  /**
   * Puts nodes and their wires where `nodes` says. `moved`: ids of those that are elsewhere than before. False where something that is
   * not drawn has come into view, and React Flow has to draw it.
   */
  move(moved: Iterable<string>, nodes: readonly Node[], wires: readonly WireElement[], seen: SeenPart): boolean;
}

/** A mover over the elements in a canvas. */
export function createPlaceMover(root: () => HTMLElement | null): PlaceMover {
  let index: Index | undefined;
  /** What was on the page when it was last looked at, by id; undefined where React Flow has been asked to draw since. */
  let drawn: Drawn | undefined;

  return {
    move(moved, nodes, wires, seen) {
      if (index?.wires !== wires || !index.ids.every((id, place) => nodes[place]?.id === id) || index.ids.length !== nodes.length) {
        index = makeIndex(nodes, wires);
        drawn = undefined;
      }
      drawn ??= findDrawn(root());
      const { places, wiresOf } = index;
      const at = (id: string): Node | undefined => nodes[places.get(id) ?? -1];
      let isDrawn = true;
      const touched = new Set<WireElement>();
      for (const id of moved) {
        const node = at(id);
        if (node === undefined) continue;
        const { x, y } = node.position;
        const element = drawn.nodes.get(id);
        if (element?.isConnected) element.style.transform = `translate(${x}px,${y}px)`;
        else if (isSeen({ x, y }, { x: x + (node.width ?? 0), y: y + (node.height ?? 0) }, seen)) isDrawn = false;
        for (const wire of wiresOf.get(id) ?? []) touched.add(wire);
      }
      for (const wire of touched) {
        const from = socketOf(at(wire.source), wire.sourceHandle);
        const to = socketOf(at(wire.target), wire.targetHandle);
        if (from === undefined || to === undefined) continue;
        const group = drawn.wires.get(wire.id);
        if (group?.isConnected) redraw(group, from, to);
        else if (isSeen(from, to, seen)) isDrawn = false;
      }
      if (!isDrawn) drawn = undefined;
      return isDrawn;
    },
  };
}

interface Drawn {
  readonly nodes: ReadonlyMap<string, HTMLElement>;
  readonly wires: ReadonlyMap<string, Element>;
}

function findDrawn(root: HTMLElement | null): Drawn {
  const nodes = [...(root?.querySelectorAll<HTMLElement>('.react-flow__node') ?? [])];
  const wires = [...(root?.querySelectorAll<SVGElement>('.wire') ?? [])];
  return {
    nodes: new Map(nodes.map((element) => [element.dataset['id'] ?? '', element])),
    wires: new Map(wires.map((element) => [element.dataset['wire'] ?? '', element])),
  };
}

/** Where nodes stand in the list, and which wires they have. */
interface Index {
  readonly wires: readonly WireElement[];
  readonly ids: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  readonly wiresOf: ReadonlyMap<string, readonly WireElement[]>;
}

function makeIndex(nodes: readonly Node[], wires: readonly WireElement[]): Index {
  const wiresOf = new Map<string, WireElement[]>();
  for (const wire of wires) {
    for (const end of new Set([wire.source, wire.target])) appendTo(wiresOf, end, wire);
  }
  return { wires, ids: nodes.map(({ id }) => id), places: new Map(nodes.map(({ id }, place) => [id, place])), wiresOf };
}

/** A wire's end and the side it leaves the node by, as React Flow reckons them. */
interface WireEnd extends XY {
  readonly side: NodeHandle['position'];
}

function socketOf(node: Node | undefined, socket: string | null | undefined): WireEnd | undefined {
  const handle = node?.handles?.find(({ id }) => id === socket);
  if (node === undefined || handle === undefined) return undefined;
  const { x, y } = node.position;
  const { width = 0, height = 0, position } = handle;
  return { x: x + handle.x + (position === 'right' ? width : 0), y: y + handle.y + height / 2, side: position };
}

function redraw(group: Element, from: WireEnd, to: WireEnd): void {
  const [path] = getBezierPath({
    sourceX: from.x,
    sourceY: from.y,
    sourcePosition: from.side,
    targetX: to.x,
    targetY: to.y,
    targetPosition: to.side,
  });
  for (const line of group.children) line.setAttribute('d', path);
}

/** Whether the box between two points may be in view. */
function isSeen(one: XY, other: XY, { transform: [left, top, zoom], width, height }: SeenPart): boolean {
  const [x0, x1] = one.x < other.x ? [one.x, other.x] : [other.x, one.x];
  const [y0, y1] = one.y < other.y ? [one.y, other.y] : [other.y, one.y];
  return x1 * zoom + left >= 0 && x0 * zoom + left <= width && y1 * zoom + top >= 0 && y0 * zoom + top <= height;
}
