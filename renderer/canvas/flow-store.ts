import { applyNodeChanges, type EdgeChange, type Node, type NodeChange } from '@xyflow/react';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { editFrame } from '../../graphs/commands/edit-frame.ts';
import { editNote } from '../../graphs/commands/edit-note.ts';
import { moveNodes } from '../../graphs/commands/move-nodes.ts';
import type { EdgeId, GraphDraft, NodeId } from '../../graphs/document.ts';
import type { Result } from '../../nodes/problem.ts';
import type { Editor, XY } from '../editor.ts';
import { type CanvasBox, contentOf } from '../operations/canvas-boxes.ts';
import { carryOut, inTurn } from '../operations/carry-out.ts';
import { nameNodes } from '../operations/node-title.ts';
import { texts } from '../texts.ts';
import { nodeOf, readCanvasId } from './canvas-id.ts';
import type { LaidWire } from './find-wire-under.ts';
import type { FlowBuilder, FlowElements, WireElement } from './flow-elements.ts';

/** What is on the canvas. */
export interface FlowState {
  /** Everything where it lies now. */
  readonly nodes: Node[];
  /** The same as React Flow was given it last: what is dragged may be elsewhere by now, and is moved on the page itself. */
  readonly drawn: Node[];
  readonly edges: WireElement[];
}

/** React Flow's elements, kept in step with the document. While something is dragged, its place is here and nowhere else. */
export interface FlowStore {
  readonly state: StoreApi<FlowState>;
  readonly builder: FlowBuilder;
  /** Hands over what moves elements on the page; while something is dragged it is asked first. */
  setMover(mover: FlowMover | undefined): void;
  onNodesChange(changes: NodeChange[]): void;
  onEdgesChange(changes: EdgeChange[]): void;
  startDrag(nodes: readonly Node[]): void;
  /** What was dragged lies where it lies now: one step of the history. */
  finishDrag(): void;
  resized(id: string, to: XY & { readonly width: number; readonly height: number }): void;
  /** Every wire as it lies now. */
  layWires(): readonly LaidWire[];
  stop(): void;
}

/** Puts what was moved where it is now, on the page; false where React Flow has to draw. */
export type FlowMover = (moved: Iterable<string>, nodes: readonly Node[], wires: readonly WireElement[]) => boolean;

/** A store that follows an editor until it is stopped. */
export function createFlowStore(editor: Editor, builder: FlowBuilder): FlowStore {
  const dragged = new Map<string, XY>();
  /** Nodes inside a frame that is dragged, by frame. */
  const carried = new Map<string, readonly string[]>();
  const build = (): FlowElements =>
    builder.build(
      editor.documents.state.getState().edit,
      editor.selection.state.getState(),
      new Set([...editor.pictures.shown.entries()].map(([node]) => node)),
    );
  const first = build();
  const state = createStore<FlowState>(() => {
    const nodes = [...first.nodes];
    return { nodes, drawn: nodes, edges: [...first.edges] };
  });
  let built = first;
  let mover: FlowMover | undefined;

  const rebuild = (): void => {
    const next = build();
    if (next.nodes !== built.nodes || next.edges !== built.edges || dragged.size > 0) show(next);
  };
  const show = (next = build()): void => {
    const { edges } = built;
    built = next;
    const nodes =
      dragged.size === 0
        ? [...next.nodes]
        : next.nodes.map((node) => {
            const position = dragged.get(node.id);
            return position === undefined ? node : { ...node, position, dragging: true };
          });
    state.setState({ nodes, drawn: nodes, ...(edges === next.edges ? {} : { edges: [...next.edges] }) });
  };
  /** Moves that are not drawn yet: a mouse tells of several in a frame, and drawing fifty nodes takes most of one. */
  const moving = new Map<string, NodeChange>();
  let nextFrame: number | undefined;
  const stopMoving = (): void => {
    if (nextFrame !== undefined) cancelAnimationFrame(nextFrame);
    nextFrame = undefined;
    moving.clear();
  };
  const showMoves = (): void => {
    const moved = [...moving.keys()];
    const nodes = applyNodeChanges([...moving.values()], state.getState().nodes);
    stopMoving();
    if (mover?.(moved, nodes, state.getState().edges)) state.setState({ nodes });
    else state.setState({ nodes, drawn: nodes });
  };
  let isAwaited = false;
  const stops = [
    editor.documents.state.subscribe((now, before) => {
      // The end of an edit may fold its parameter away.
      if (now.edit.document !== before.edit.document || now.edit.mergeKey !== before.edit.mergeKey) rebuild();
    }),
    editor.selection.state.subscribe(rebuild),
    editor.pictures.shown.subscribeAll((node) => {
      const { edit } = editor.documents.state.getState();
      const shape = builder.geometryOf(edit, node as NodeId, editor.pictures.shown.get(node) !== undefined); // pictures are kept by node
      const element = state.getState().nodes.find((one) => one.id === `node:${node}`);
      if (shape === undefined || element === undefined || element.height === shape.height || isAwaited) return;
      // First pictures of several nodes come together.
      isAwaited = true;
      queueMicrotask(() => {
        isAwaited = false;
        rebuild();
      });
    }),
  ];

  const select = (changes: readonly (NodeChange | EdgeChange)[]): void => {
    const before = editor.selection.state.getState();
    const nodes = new Set(before.nodes);
    const frames = new Set(before.frames);
    const notes = new Set(before.notes);
    const edges = new Set(before.edges);
    const toggle = <T>(set: Set<T>, id: T, selected: boolean): unknown => (selected ? set.add(id) : set.delete(id));
    for (const change of changes) {
      if (change.type !== 'select') continue;
      const { kind, id } = readCanvasId(change.id);
      if (kind === 'node' && change.id.startsWith('node:')) toggle(nodes, nodeOf(change.id), change.selected);
      else if (kind === 'frame' && change.id.startsWith('frame:')) toggle(frames, id, change.selected);
      else if (kind === 'note' && change.id.startsWith('note:')) toggle(notes, id, change.selected);
    }
    editor.selection.select({ nodes, frames, notes, edges });
  };
  const selectEdges = (changes: readonly EdgeChange[]): void => {
    const before = editor.selection.state.getState();
    const edges = new Set(before.edges);
    for (const change of changes) {
      if (change.type !== 'select') continue;
      const id = change.id as EdgeId; // wires keep their ids on the canvas
      if (change.selected) edges.add(id);
      else edges.delete(id);
    }
    editor.selection.select({ ...before, edges });
  };

  return {
    state,
    builder,
    onNodesChange(changes) {
      if (changes.some((change) => change.type === 'select')) select(changes);
      const moves = changes.filter(
        (change) => change.type === 'position' && change.position !== undefined && carriedOrFree(change.id, carried),
      );
      // Seen while it goes on; `resized` puts the end of it into the document.
      const resizes = changes.filter((change) => change.type === 'dimensions' && change.resizing === true);
      if (resizes.length > 0) {
        const nodes = applyNodeChanges(resizes, state.getState().nodes);
        state.setState({ nodes, drawn: nodes });
      }
      if (moves.length === 0) return;
      const { nodes } = state.getState();
      const all: NodeChange[] = [...moves];
      for (const change of moves) {
        if (change.type !== 'position' || change.position === undefined) continue;
        const inside = carried.get(change.id);
        if (inside === undefined) continue;
        const frame = nodes.find((one) => one.id === change.id);
        if (frame === undefined) continue;
        const [dx, dy] = [change.position.x - frame.position.x, change.position.y - frame.position.y];
        for (const id of inside) {
          const one = nodes.find((node) => node.id === id);
          if (one === undefined || moves.some((other) => 'id' in other && other.id === id)) continue;
          all.push({ type: 'position', id, position: { x: one.position.x + dx, y: one.position.y + dy }, dragging: true });
        }
      }
      for (const change of all) {
        if (change.type !== 'position' || change.position === undefined) continue;
        dragged.set(change.id, change.position);
        moving.set(change.id, change);
      }
      // What is resized at its left or top moves with its size, not a frame later.
      if (resizes.length > 0) showMoves();
      else nextFrame ??= requestAnimationFrame(showMoves);
    },
    onEdgesChange: (changes) => selectEdges(changes),
    setMover(next) {
      mover = next;
    },
    startDrag(nodes) {
      carried.clear();
      const all = state.getState().nodes;
      for (const frame of nodes) if (readCanvasId(frame.id).kind === 'frame') carried.set(frame.id, inside(frame, all));
    },
    finishDrag() {
      carried.clear();
      stopMoving();
      if (dragged.size === 0) return;
      const moves = new Map([...dragged].map(([id, { x, y }]) => [id, { x: Math.round(x), y: Math.round(y) }] as const));
      dragged.clear();
      carryOut(editor, labelMove(editor, [...moves.keys()]), (draft) => moveAll(draft, moves));
      show();
      // React writes only what differs from what it wrote last, and that may be where the drag began.
      mover?.(moves.keys(), state.getState().nodes, state.getState().edges);
    },
    resized(id, to) {
      const item = readCanvasId(id);
      const change = { x: Math.round(to.x), y: Math.round(to.y), width: Math.round(to.width), height: Math.round(to.height) };
      dragged.delete(id);
      if (item.kind === 'frame') carryOut(editor, texts.steps.resizeFrame, (draft) => editFrame(draft, { id: item.id, change }));
      if (item.kind === 'note') carryOut(editor, texts.steps.resizeNote, (draft) => editNote(draft, { id: item.id, change }));
    },
    layWires() {
      const places = new Map(state.getState().nodes.map((node) => [node.id, node]));
      const socketAt = (node: string, socket: string | null | undefined): XY | undefined => {
        const element = places.get(node);
        const handle = element?.handles?.find((one) => one.id === socket);
        return element && handle && { x: element.position.x + handle.x, y: element.position.y + handle.y };
      };
      return state.getState().edges.flatMap(({ id, source, target, sourceHandle, targetHandle }) => {
        const from = socketAt(source, sourceHandle);
        const to = socketAt(target, targetHandle);
        return from === undefined || to === undefined ? [] : [{ id: id as EdgeId, from, to }]; // wires keep their ids on the canvas
      });
    },
    stop() {
      stopMoving();
      for (const stop of stops) stop();
    },
  };
}

/** What a frame carries moves with the frame, not by itself. */
function carriedOrFree(id: string, carried: ReadonlyMap<string, readonly string[]>): boolean {
  for (const inside of carried.values()) if (inside.includes(id)) return false;
  return true;
}

function inside(frame: Node, all: readonly Node[]): string[] {
  const boxes = all.map(boxOf);
  const own = boxes.find(({ element }) => element === frame.id);
  return own === undefined ? [] : contentOf(own, boxes).map(({ element }) => element);
}

function boxOf({ id: element, position, width = 0, height = 0 }: Node): CanvasBox & { readonly element: string } {
  return { ...readCanvasId(element), element, ...position, width, height };
}

function labelMove(editor: Editor, ids: readonly string[]): string {
  const nodes = ids.filter((id) => readCanvasId(id).kind === 'node').map(nodeOf);
  return texts.steps.move(nodes.length === ids.length ? nameNodes(editor, nodes) : texts.itemCount(ids.length));
}

function moveAll(draft: GraphDraft, moves: ReadonlyMap<string, XY>): Result<null> {
  const positions = new Map<NodeId, XY>();
  const items: ((draft: GraphDraft) => Result<unknown>)[] = [];
  for (const [id, change] of moves) {
    const item = readCanvasId(id);
    if (item.kind === 'node') positions.set(nodeOf(id), change);
    else if (item.kind === 'frame') items.push((draft) => editFrame(draft, { id: item.id, change }));
    else items.push((draft) => editNote(draft, { id: item.id, change }));
  }
  return inTurn(draft, [(draft) => moveNodes(draft, { positions }), ...items]);
}
