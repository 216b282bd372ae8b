import { type Edge, type Node, type NodeHandle, Position } from '@xyflow/react';
import { edgeEntries, type GraphDocument, type GraphNode, type NodeId, nodeEntries } from '../../graphs/document.ts';
import { foldedParams } from '../../graphs/folded-params.ts';
import type { EditState } from '../../graphs/history.ts';
import { ownValue } from '../../graphs/own-value.ts';
import type { SocketKind } from '../../nodes/socket-values.ts';
import { paramStep } from '../operations/edit-selection.ts';
import type { Selection } from '../store/selection-store.ts';
import { canvasId, socketId } from './canvas-id.ts';
import type { FaceBook, NodeFace } from './node-face.ts';
import { measureNode, type NodeGeometry, type NodeShape } from './node-geometry.ts';
import { wiredInputs } from './wired-inputs.ts';

const NO_DATA = {};
const NONE: readonly string[] = [];
const HANDLE_SIZE = 1;
/** What is selected lies over what is not. */
const RAISED = 1000;

/** A wire as React Flow has it. */
export type WireElement = Edge<{ readonly kind: SocketKind }, 'wire'>;

/** Everything React Flow is told about nodes, frames and notes; the rest is in keyed stores. */
export interface FlowElements {
  readonly nodes: readonly Node[];
  readonly edges: readonly WireElement[];
}

/** What a node's element was made from. */
interface NodeSource {
  readonly node: GraphNode;
  readonly at: { readonly x: number; readonly y: number } | undefined;
  readonly isCollapsed: boolean;
  readonly isUnfolded: boolean;
  readonly selected: boolean;
  readonly hasPicture: boolean;
  readonly face: NodeFace;
  readonly element: Node;
}

/** The document, and which step is being gathered: a parameter that is still being edited keeps its row. */
export type DrawnEdit = Pick<EditState, 'document' | 'mergeKey'>;

/** Turns documents into React Flow's elements, giving the very same element back for what has not changed. */
export interface FlowBuilder {
  build(edit: DrawnEdit, selection: Selection, hasPicture: (node: NodeId) => boolean): FlowElements;
  faceOf(document: GraphDocument, id: NodeId): NodeFace | undefined;
  geometryOf(edit: DrawnEdit, id: NodeId, hasPicture: boolean): NodeGeometry | undefined;
}

/** A builder over the faces of one registry. */
export function createFlowBuilder(faces: FaceBook): FlowBuilder {
  const shapes = new Map<NodeFace, Map<string, NodeGeometry>>();
  const handles = new Map<NodeGeometry, NodeHandle[]>();
  let nodes = new Map<string, Node>();
  let edges = new Map<string, { readonly of: unknown; readonly element: WireElement }>();
  let lastNodes: readonly Node[] = [];
  let lastEdges: readonly WireElement[] = [];
  let lastDocument: GraphDocument | undefined;
  let lastMergeKey: string | undefined;
  let lastSelected: Selection['edges'] | undefined;
  const from = new Map<NodeId, NodeSource>();

  const shapeOf = (face: NodeFace, given: NodeShape): NodeGeometry => {
    const those = shapes.get(face) ?? new Map<string, NodeGeometry>();
    shapes.set(face, those);
    const key = `${given.collapsed} ${given.hasPicture} ${given.isUnfolded} ${given.folded.join()}`;
    const shape = those.get(key) ?? measureNode(face, given);
    those.set(key, shape);
    return shape;
  };
  const handlesOf = (shape: NodeGeometry): NodeHandle[] => {
    const known = handles.get(shape);
    if (known !== undefined) return known;
    const made = shape.sockets.map(({ side, name, x, y }) => ({
      id: socketId(side, name),
      type: side === 'input' ? ('target' as const) : ('source' as const),
      position: side === 'input' ? Position.Left : Position.Right,
      x: x - HANDLE_SIZE / 2,
      y: y - HANDLE_SIZE / 2,
      width: HANDLE_SIZE,
      height: HANDLE_SIZE,
    }));
    handles.set(shape, made);
    return made;
  };
  const geometryOf = ({ document, mergeKey }: DrawnEdit, id: NodeId, node: GraphNode, hasPicture: boolean): NodeGeometry => {
    const face = faces.faceOf(document, id, node);
    const wired = face.hasAdvanced ? wiredInputs(document.edges).get(id) : undefined;
    const isHeld = (param: string): boolean => wired?.has(param) === true || (mergeKey !== undefined && mergeKey === paramStep(id, param));
    return shapeOf(face, {
      collapsed: ownValue(document.layout?.collapsed, id) === true,
      hasPicture,
      folded: face.hasAdvanced ? foldedParams(face, node, isHeld) : NONE,
      isUnfolded: ownValue(document.layout?.unfolded, id) === true,
    });
  };

  const buildNodes = (edit: DrawnEdit, selection: Selection, hasPicture: (node: NodeId) => boolean): readonly Node[] => {
    const { document } = edit;
    const next = new Map<string, Node>();
    const put = (element: Node): Node => {
      const before = nodes.get(element.id);
      const kept = before !== undefined && isSameNode(before, element) ? before : element;
      next.set(element.id, kept);
      return kept;
    };
    for (const [id, frame] of Object.entries(document.layout?.frames ?? {})) {
      const { x, y, width, height, title } = frame;
      const selected = selection.frames.has(id);
      put({
        id: canvasId('frame', id),
        type: 'frame',
        position: { x, y },
        width,
        height,
        measured: { width, height },
        data: NO_DATA,
        selected,
        zIndex: -RAISED,
        ariaLabel: title,
      });
    }
    for (const [id, note] of Object.entries(document.layout?.notes ?? {})) {
      const { x, y, width, height } = note;
      const selected = selection.notes.has(id);
      put({
        id: canvasId('note', id),
        type: 'note',
        position: { x, y },
        width,
        height,
        measured: { width, height },
        data: NO_DATA,
        selected,
        zIndex: selected ? RAISED : 0,
        ariaLabel: note.text.slice(0, 60),
      });
    }
    for (const [id, node] of nodeEntries(document)) {
      const at = ownValue(document.layout?.positions, id);
      const isCollapsed = ownValue(document.layout?.collapsed, id) === true;
      const isUnfolded = ownValue(document.layout?.unfolded, id) === true;
      const selected = selection.nodes.has(id);
      const made = from.get(id);
      const isKnown =
        made?.node === node &&
        made.at === at &&
        made.isCollapsed === isCollapsed &&
        made.selected === selected &&
        made.hasPicture === hasPicture(id) &&
        made.isUnfolded === isUnfolded &&
        // Advanced parameters show while they are wired or edited.
        (!made.face.hasAdvanced || (document.edges === lastDocument?.edges && edit.mergeKey === lastMergeKey)) &&
        // An unknown node shows the sockets its wires use.
        (!made.face.isUnknown || document.edges === lastDocument?.edges);
      if (isKnown) {
        next.set(made.element.id, made.element);
        continue;
      }
      const face = faces.faceOf(document, id, node);
      const shape = geometryOf(edit, id, node, hasPicture(id));
      const { x = 0, y = 0 } = at ?? {};
      const element = put({
        id: canvasId('node', id),
        type: face.isDot ? 'dot' : 'graphNode',
        position: { x, y },
        width: shape.width,
        height: shape.height,
        // As if measured: React Flow would look for its own handles in the page, and there are none.
        measured: { width: shape.width, height: shape.height },
        handles: handlesOf(shape),
        data: NO_DATA,
        selected,
        zIndex: selected ? RAISED : 0,
        ariaLabel: node.title || face.title,
      });
      from.set(id, { node, at, isCollapsed, isUnfolded, selected, hasPicture: hasPicture(id), face, element });
    }
    if (from.size > next.size * 2) for (const id of from.keys()) if (document.nodes[id] === undefined) from.delete(id);
    const isSame = next.size === lastNodes.length && lastNodes.every((one) => next.get(one.id) === one);
    nodes = next;
    if (!isSame) lastNodes = [...next.values()];
    return lastNodes;
  };

  const buildEdges = (document: GraphDocument, selection: Selection): readonly WireElement[] => {
    const next = new Map<string, { readonly of: unknown; readonly element: WireElement }>();
    let isSame = true;
    for (const [id, edge] of edgeEntries(document)) {
      const source = document.nodes[edge.from.node];
      if (source === undefined || document.nodes[edge.to.node] === undefined) continue;
      const kind = ownValue(faces.faceOf(document, edge.from.node, source).outputs, edge.from.output)?.type ?? 'any';
      const selected = selection.edges.has(id);
      const before = edges.get(id);
      if (before !== undefined && before.of === edge && before.element.data?.kind === kind && before.element.selected === selected) {
        next.set(id, before);
        continue;
      }
      isSame = false;
      next.set(id, {
        of: edge,
        element: {
          id,
          type: 'wire',
          source: canvasId('node', edge.from.node),
          target: canvasId('node', edge.to.node),
          sourceHandle: socketId('output', edge.from.output),
          targetHandle: socketId('input', edge.to.input),
          data: { kind },
          selected,
        },
      });
    }
    isSame &&= next.size === edges.size;
    edges = next;
    if (!isSame) lastEdges = [...next.values()].map(({ element }) => element);
    return lastEdges;
  };

  return {
    build(edit, selection, hasPicture) {
      const { document } = edit;
      const before = lastNodes;
      const nodes = buildNodes(edit, selection, hasPicture);
      // Wires are what they were where no node has another face, and a node with another face is another element.
      const isSame = nodes === before && document.edges === lastDocument?.edges && selection.edges === lastSelected;
      if (!isSame) buildEdges(document, selection);
      lastDocument = document;
      lastMergeKey = edit.mergeKey;
      lastSelected = selection.edges;
      return { nodes, edges: lastEdges };
    },
    faceOf(document, id) {
      const node = document.nodes[id];
      return node === undefined ? undefined : faces.faceOf(document, id, node);
    },
    geometryOf(edit, id, hasPicture) {
      const node = edit.document.nodes[id];
      return node === undefined ? undefined : geometryOf(edit, id, node, hasPicture);
    },
  };
}

function isSameNode(a: Node, b: Node): boolean {
  return (
    a.type === b.type &&
    a.position.x === b.position.x &&
    a.position.y === b.position.y &&
    a.width === b.width &&
    a.height === b.height &&
    a.handles === b.handles &&
    a.selected === b.selected &&
    a.ariaLabel === b.ariaLabel
  );
}
