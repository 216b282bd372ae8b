import { type Edge, type Node, type NodeHandle, Position } from '@xyflow/react';
import { edgeEntries, type GraphDocument, type GraphNode, type NodeId, nodeEntries } from '../../graphs/document.ts';
import { foldedParams } from '../../graphs/folded-params.ts';
import type { EditState } from '../../graphs/history.ts';
import { ownValue } from '../../graphs/own-value.ts';
import type { SocketKind } from '../../nodes/socket-values.ts';
import { changedKeys } from '../store/changed-keys.ts';
import { nodeOfStep, paramStep } from '../store/param-step.ts';
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
  /** The step that is being gathered, if it is of one of its parameters: that one shows meanwhile. */
  readonly step: string | undefined;
  readonly face: NodeFace;
  readonly element: Node;
}

/** The document, and which step is being gathered: a parameter that is still being edited keeps its row. */
export type DrawnEdit = Pick<EditState, 'document'> & { readonly mergeKey?: string | undefined };

/** Turns documents into React Flow's elements, giving the very same element back for what has not changed. */
export interface FlowBuilder {
  /** `pictured`: the nodes that show a picture of their own. */
  build(edit: DrawnEdit, selection: Selection, pictured: ReadonlySet<string>): FlowElements;
  faceOf(document: GraphDocument, id: NodeId): NodeFace | undefined;
  geometryOf(edit: DrawnEdit, id: NodeId, hasPicture: boolean): NodeGeometry | undefined;
}

/** A builder over the faces of one registry. */
export function createFlowBuilder(faces: FaceBook): FlowBuilder {
  const shapes = new Map<NodeFace, Map<string, NodeGeometry>>();
  const handles = new Map<NodeGeometry, NodeHandle[]>();
  /** Where each element stands in the list of nodes. */
  let places = new Map<string, number>();
  let edges = new Map<string, { readonly of: unknown; readonly element: WireElement }>();
  let lastNodes: readonly Node[] = [];
  let lastEdges: readonly WireElement[] = [];
  /** What was built last. */
  let last: { readonly edit: DrawnEdit; readonly selection: Selection; readonly pictured: ReadonlySet<string> } | undefined;
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
    const wired = face.canFold ? wiredInputs(document.edges).get(id) : undefined;
    const isWired = (param: string): boolean => wired?.has(param) === true;
    const isHeld = (param: string): boolean => isWired(param) || (mergeKey !== undefined && mergeKey === paramStep(id, param));
    return shapeOf(face, {
      collapsed: ownValue(document.layout?.collapsed, id) === true,
      hasPicture,
      folded: face.canFold ? foldedParams(face, node, isHeld, isWired) : NONE,
      isUnfolded: ownValue(document.layout?.unfolded, id) === true,
    });
  };

  /** The element of a node: the very same as before where it would be alike. */
  const drawNode = (edit: DrawnEdit, id: NodeId, node: GraphNode, selected: boolean, hasPicture: boolean): Node => {
    const { document } = edit;
    const at = ownValue(document.layout?.positions, id);
    const isCollapsed = ownValue(document.layout?.collapsed, id) === true;
    const isUnfolded = ownValue(document.layout?.unfolded, id) === true;
    const step = nodeOfStep(edit.mergeKey) === id ? edit.mergeKey : undefined;
    const made = from.get(id);
    const isKnown =
      made?.node === node &&
      made.at === at &&
      made.isCollapsed === isCollapsed &&
      made.selected === selected &&
      made.hasPicture === hasPicture &&
      made.isUnfolded === isUnfolded &&
      made.step === step &&
      // Advanced parameters show while they are wired, and an unknown node shows the sockets its wires use.
      ((!made.face.canFold && !made.face.isUnknown) || document.edges === last?.edit.document.edges);
    if (isKnown) return made.element;
    const face = faces.faceOf(document, id, node);
    const shape = geometryOf(edit, id, node, hasPicture);
    const { x = 0, y = 0 } = at ?? {};
    const element = keep({
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
    from.set(id, { node, at, isCollapsed, isUnfolded, selected, hasPicture, step, face, element });
    return element;
  };
  const keep = (element: Node): Node => {
    const before = places.get(element.id);
    const known = before === undefined ? undefined : lastNodes[before];
    return known !== undefined && isSameNode(known, element) ? known : element;
  };

  const buildNodes = (edit: DrawnEdit, selection: Selection, pictured: ReadonlySet<string>): readonly Node[] => {
    const { document } = edit;
    const touched = touchedNodes(edit, selection, pictured);
    if (touched !== undefined) return redrawNodes(edit, selection, pictured, touched);
    const next: Node[] = [];
    for (const [id, frame] of Object.entries(document.layout?.frames ?? {})) {
      next.push(keep(drawBox('frame', id, frame, { selected: selection.frames.has(id), zIndex: -RAISED, ariaLabel: frame.title })));
    }
    for (const [id, note] of Object.entries(document.layout?.notes ?? {})) {
      const selected = selection.notes.has(id);
      next.push(keep(drawBox('note', id, note, { selected, zIndex: selected ? RAISED : 0, ariaLabel: note.text.slice(0, 60) })));
    }
    for (const [id, node] of nodeEntries(document)) next.push(drawNode(edit, id, node, selection.nodes.has(id), pictured.has(id)));
    for (const id of from.keys()) if (document.nodes[id] === undefined) from.delete(id);
    if (next.length === lastNodes.length && next.every((one, at) => lastNodes[at] === one)) return lastNodes;
    places = new Map(next.map(({ id }, at) => [id, at]));
    lastNodes = next;
    return lastNodes;
  };

  /** The nodes that may look different from how they were built last; undefined: what else there is may do so too. */
  const touchedNodes = (
    { document, mergeKey }: DrawnEdit,
    selection: Selection,
    pictured: ReadonlySet<string>,
  ): ReadonlySet<string> | undefined => {
    if (last === undefined) return undefined;
    const { edit: before, selection: selected } = last;
    const [layout, old] = [document.layout, before.document.layout];
    const nodes = changedKeys(before.document.nodes, document.nodes);
    const isAlike =
      nodes.isSameOrder &&
      before.document.edges === document.edges &&
      old?.frames === layout?.frames &&
      old?.notes === layout?.notes &&
      selected.frames === selection.frames &&
      selected.notes === selection.notes;
    if (!isAlike) return undefined;
    const touched = new Set(nodes.keys);
    for (const part of ['positions', 'collapsed', 'unfolded'] as const) {
      for (const id of changedKeys(old?.[part], layout?.[part]).keys) touched.add(id);
    }
    if (selected.nodes !== selection.nodes) for (const id of [...selected.nodes, ...selection.nodes]) touched.add(id);
    for (const step of [before.mergeKey, mergeKey]) touched.add(nodeOfStep(step) ?? '');
    for (const id of [...last.pictured, ...pictured]) if (last.pictured.has(id) !== pictured.has(id)) touched.add(id);
    return touched;
  };
  const redrawNodes = (
    edit: DrawnEdit,
    selection: Selection,
    pictured: ReadonlySet<string>,
    touched: ReadonlySet<string>,
  ): readonly Node[] => {
    const next = [...lastNodes];
    let isSame = true;
    for (const text of touched) {
      const id = text as NodeId; // from records and sets that hold nodes by id
      const node = edit.document.nodes[id];
      const place = places.get(canvasId('node', id));
      // Layout and selection may speak of nodes that are not there.
      if (node === undefined || place === undefined) continue;
      const element = drawNode(edit, id, node, selection.nodes.has(id), pictured.has(id));
      if (element === lastNodes[place]) continue;
      next[place] = element;
      isSame = false;
    }
    if (!isSame) lastNodes = next;
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
    build(edit, selection, pictured) {
      const { document } = edit;
      const before = lastNodes;
      const nodes = buildNodes(edit, selection, pictured);
      // Wires are what they were where no node has another face, and a node with another face is another element.
      const isSame = nodes === before && document.edges === last?.edit.document.edges && selection.edges === last.selection.edges;
      if (!isSame) buildEdges(document, selection);
      last = { edit, selection, pictured };
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

/** The element of a frame or a note. */
function drawBox(
  type: 'frame' | 'note',
  id: string,
  { x, y, width, height }: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  rest: Pick<Node, 'selected' | 'zIndex' | 'ariaLabel'>,
): Node {
  return { id: canvasId(type, id), type, position: { x, y }, width, height, measured: { width, height }, data: NO_DATA, ...rest };
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
