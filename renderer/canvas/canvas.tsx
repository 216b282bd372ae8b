import '@xyflow/react/dist/base.css';
import {
  Background,
  BackgroundVariant,
  type Node,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  useStoreApi,
  type Viewport,
} from '@xyflow/react';
import {
  type DragEvent,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { EdgeId, NodeId } from '../../graphs/document.ts';
import type { CanvasPort, XY } from '../editor.ts';
import { addNodeAt, fitIntoWire, insertIntoWire } from '../operations/add-node.ts';
import { registryOf } from '../operations/carry-out.ts';
import { titleOf } from '../operations/node-title.ts';
import { NODE_MIME } from '../panels/node-mime.ts';
import { texts } from '../texts.ts';
import { useEditor, useHost, useView } from '../use-editor.ts';
import { FlowContext, useFlow, useFlowPart } from './canvas-context.ts';
import { canvasId, nodeOf, readCanvasId } from './canvas-id.ts';
import { CanvasMenu } from './canvas-menu.tsx';
import { DotNode } from './dot-node.tsx';
import { findWireUnder } from './find-wire-under.ts';
import { createFlowBuilder } from './flow-elements.ts';
import { createFlowStore, type FlowStore } from './flow-store.ts';
import { FrameNode } from './frame-node.tsx';
import { GraphNodeView, SlowMountContext } from './graph-node.tsx';
import { Minimap } from './minimap.tsx';
import { createSlowMount } from './mount-slowly.ts';
import { createPlaceMover } from './move-in-place.ts';
import { createNewNodes } from './new-nodes.ts';
import { createFaceBook } from './node-face.ts';
import { NoteNode } from './note-node.tsx';
import { WireEdge } from './wire-edge.tsx';
import { WireInHand } from './wire-in-hand.tsx';

/*
 * Everything React Flow is given is made once: a new object in its place would draw every node anew.
 */
const NODE_TYPES = { graphNode: GraphNodeView, dot: DotNode, frame: FrameNode, note: NoteNode };
const EDGE_TYPES = { wire: WireEdge };
const PRO_OPTIONS = { hideAttribution: true };
const FIT = { padding: 0.12, maxZoom: 1, duration: 0 };
const MULTI_SELECT = ['Meta', 'Control', 'Shift'];
const PAN_BUTTONS = [0, 1];
const SNAP_GRID: [number, number] = [16, 16];
const ARIA = { 'node.a11yDescription.keyboardDisabled': texts.canvas.nodeHelp, 'edge.a11yDescription.default': texts.canvas.wireHelp };
/** Below this zoom only titles can be read, so only they are drawn. */
const FAR_ZOOM = 0.35;

/** The canvas with the document's nodes, wires, frames and notes. */
export function Canvas() {
  const editor = useEditor();
  const registry = useHost((host) => host.registry);
  const flow = useMemo(() => createFlowStore(editor, createFlowBuilder(createFaceBook(registry))), [editor, registry]);
  useEffect(() => flow.stop, [flow]);
  const queue = useMemo(createSlowMount, []);
  return (
    <FlowContext.Provider value={flow}>
      <SlowMountContext.Provider value={queue}>
        <ReactFlowProvider>
          <Flow />
        </ReactFlowProvider>
      </SlowMountContext.Provider>
    </FlowContext.Provider>
  );
}

/**
 * Sizes and sockets are known from the schema, so React Flow must not measure nodes: it would look for its own handles in the page,
 * find none, and forget those it was told.
 */
function useUnmeasured(): void {
  const store = useStoreApi();
  useState(() => store.setState({ updateNodeInternals: () => undefined }));
}

/** What is dragged is moved on the page. When the view moves meanwhile, React Flow needs to know where everything is before it draws. */
function useMovingInPlace(flow: FlowStore, root: RefObject<HTMLElement | null>): void {
  const api = useStoreApi();
  useEffect(() => {
    const mover = createPlaceMover(() => root.current);
    flow.setMover((moved, nodes, wires) => mover.move(moved, nodes, wires, api.getState()));
    const stop = api.subscribe(({ transform, setNodes }, before) => {
      const { nodes, drawn } = flow.state.getState();
      if (transform === before.transform || nodes === drawn) return;
      flow.state.setState({ drawn: nodes });
      setNodes(nodes);
    });
    return () => {
      flow.setMover(undefined);
      stop();
    };
  }, [flow, api, root]);
}

function Flow() {
  const editor = useEditor();
  const flow = useFlow();
  const root = useRef<HTMLDivElement>(null);
  const shield = useRef<HTMLDivElement>(null);
  const nodes = useFlowPart((state) => state.drawn);
  const edges = useFlowPart((state) => state.edges);
  const isEmpty = nodes.length === 0;
  const snap = useView((view) => view.snap);
  const minimap = useView((view) => view.minimap);
  const instance = useReactFlow();
  const queue = useContext(SlowMountContext);
  useUnmeasured();
  useMovingInPlace(flow, root);

  useEffect(() => {
    let pointer: XY | undefined;
    const follow = (event: globalThis.PointerEvent): void => {
      pointer = { x: event.clientX, y: event.clientY };
    };
    window.addEventListener('pointermove', follow);
    const newNodes = createNewNodes(editor, instance, () => root.current?.getBoundingClientRect() ?? new DOMRect());
    const port: CanvasPort = {
      fit: (ids) =>
        void instance.fitView(
          ids === undefined || ids.length === 0 ? FIT : { ...FIT, nodes: ids.map((id) => ({ id: canvasId('node', id) })) },
        ),
      zoomBy: (factor) => void instance.zoomTo(instance.getZoom() * factor),
      zoomTo: (zoom) => void instance.zoomTo(zoom),
      view: () => instance.getViewport(),
      show: (view) => void instance.setViewport(view),
      toCanvas: (point) => instance.screenToFlowPosition(point),
      newPlace() {
        const isOver = pointer !== undefined && document.elementFromPoint(pointer.x, pointer.y)?.closest('.canvas') === root.current;
        if (isOver && pointer !== undefined) return { at: pointer, position: instance.screenToFlowPosition(pointer) };
        const position = newNodes.place();
        return { at: instance.flowToScreenPosition(position), position };
      },
      roomFor: newNodes.roomFor,
      showNew: newNodes.show,
      sizeOf(id, document) {
        const node = id as NodeId; // whoever asks has it from the document
        const edit = document === undefined ? editor.documents.state.getState().edit : { document, mergeKey: undefined };
        const hasPicture = document === undefined && editor.pictures.shown.get(id) !== undefined;
        return flow.builder.geometryOf(edit, node, hasPicture) ?? { width: 0, height: 0 };
      },
      focusNode: (id) =>
        newNodes.focusOnceShown(() => root.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(canvasId('node', id))}"]`)?.focus()),
    };
    editor.canvas = port;
    return () => {
      window.removeEventListener('pointermove', follow);
      editor.canvas = undefined;
    };
  }, [editor, flow, instance]);

  const handlers = useMemo(() => {
    const raise = (): void => shield.current?.classList.add('is-up');
    const lower = (): void => shield.current?.classList.remove('is-up');
    let candidate: EdgeId | undefined;
    let lastZoom = 1;
    const mark = (edge: EdgeId | undefined): void => {
      if (edge === candidate) return;
      for (const wire of root.current?.querySelectorAll('.wire.is-candidate') ?? []) wire.classList.remove('is-candidate');
      if (edge !== undefined) root.current?.querySelector(`[data-wire="${CSS.escape(edge)}"]`)?.classList.add('is-candidate');
      candidate = edge;
    };
    return {
      onMoveStart: (_event: unknown, { zoom }: Viewport) => {
        lastZoom = zoom;
        queue.setMoving('yes');
      },
      onMove: (event: globalThis.MouseEvent | TouchEvent | null, { zoom }: Viewport) => {
        // Not before it moves: a click must end where it began.
        if (event !== null && event.type !== 'wheel') raise();
        queue.setMoving(zoom < lastZoom ? 'zoomingOut' : 'yes');
        lastZoom = zoom;
        queue.setFar(zoom < FAR_ZOOM);
        root.current?.toggleAttribute('data-far', zoom < FAR_ZOOM);
      },
      onMoveEnd: () => {
        lower();
        queue.setMoving('no');
      },
      onNodeDragStart: (_event: unknown, _node: Node, dragged: Node[]) => {
        raise();
        flow.startDrag(dragged);
      },
      onNodeDrag: (_event: unknown, node: Node, dragged: Node[]) => {
        mark(dragged.length === 1 ? findWireFor(node) : undefined);
      },
      onNodeDragStop: (_event: unknown, node: Node) => {
        lower();
        const edge = candidate;
        mark(undefined);
        if (edge === undefined) {
          flow.finishDrag();
          return;
        }
        // Moving there and going into the wire are one thing to whoever did it.
        editor.documents.mark();
        flow.finishDrag();
        insertIntoWire(editor, nodeOf(node.id), edge);
        editor.documents.squash(texts.steps.insert(titleOf(editor, nodeOf(node.id))));
      },
      onNodeDoubleClick: (event: MouseEvent, node: Node) => {
        const { kind, id } = readCanvasId(node.id);
        if (kind === 'note') editor.view.setState({ editingNote: id });
        const isTitle = event.target instanceof Element && event.target.closest('.node:not(.is-outline) .node-title') !== null;
        if (kind === 'node' && isTitle) editor.view.setState({ renaming: nodeOf(node.id) });
      },
      onSelectionDragStart: (_event: unknown, dragged: Node[]) => {
        raise();
        flow.startDrag(dragged);
      },
      onSelectionDragStop: () => {
        lower();
        flow.finishDrag();
      },
    };
    /** A wire under the middle of a node that is dragged, if the node fits into it and has no wires of its own yet. */
    function findWireFor(node: Node): EdgeId | undefined {
      if (readCanvasId(node.id).kind !== 'node') return undefined;
      const id = nodeOf(node.id);
      const graph = editor.documents.document();
      const type = graph.nodes[id]?.type;
      const definition = type === undefined ? undefined : registryOf(editor).get(type);
      const isWired = Object.values(graph.edges).some((edge) => edge.from.node === id || edge.to.node === id);
      if (definition === undefined || isWired) return undefined;
      const area = { ...node.position, width: node.width ?? 0, height: node.height ?? 0 };
      const fits = flow.layWires().filter((wire) => fitIntoWire(editor, wire.id, definition) !== undefined);
      return findWireUnder(area, fits);
    }
  }, [editor, flow, queue]);

  const onDoubleClick = (event: MouseEvent): void => {
    if (!(event.target instanceof Element) || !event.target.classList.contains('react-flow__pane')) return;
    const at = { x: event.clientX, y: event.clientY };
    editor.view.setState({ addMenu: { at, position: instance.screenToFlowPosition(at) } });
  };
  /** A node that has the focus is chosen with Enter or Space; Shift adds it to what is chosen. */
  const onKeyDown = (event: KeyboardEvent): void => {
    const id = event.target instanceof HTMLElement && event.target.matches('.react-flow__node') ? event.target.dataset['id'] : undefined;
    if (id === undefined || readCanvasId(id).kind !== 'node' || (event.key !== 'Enter' && event.key !== ' ')) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const { nodes } = editor.selection.state.getState();
    editor.selection.select({ nodes: event.shiftKey ? [...nodes, nodeOf(id)] : [nodeOf(id)] });
  };
  const onDrop = (event: DragEvent): void => {
    const type = event.dataTransfer.getData(NODE_MIME);
    if (type === '') return;
    event.preventDefault();
    addNodeAt(editor, type, instance.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
  };
  return (
    <CanvasMenu>
      <main
        className="canvas"
        ref={root}
        aria-label={texts.canvas.name}
        onDoubleClick={onDoubleClick}
        onKeyDown={onKeyDown}
        onDragOver={(event) => event.dataTransfer.types.includes(NODE_MIME) && event.preventDefault()}
        onDrop={onDrop}
      >
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          onNodesChange={flow.onNodesChange}
          onEdgesChange={flow.onEdgesChange}
          {...handlers}
          onlyRenderVisibleElements
          minZoom={0.05}
          maxZoom={3}
          panOnDrag={PAN_BUTTONS}
          selectionMode={SelectionMode.Partial}
          selectionKeyCode="Shift"
          multiSelectionKeyCode={MULTI_SELECT}
          deleteKeyCode={null}
          panActivationKeyCode="Space"
          zoomOnDoubleClick={false}
          nodesConnectable={false}
          edgesFocusable={false}
          edgesReconnectable={false}
          // Frames stay behind what lies in them, selected or not; flow-elements.ts raises the rest.
          elevateNodesOnSelect={false}
          disableKeyboardA11y
          nodeDragThreshold={2}
          snapToGrid={snap}
          snapGrid={SNAP_GRID}
          ariaLabelConfig={ARIA}
          proOptions={PRO_OPTIONS}
        >
          <Background variant={BackgroundVariant.Dots} gap={24} size={1.2} />
        </ReactFlow>
        {isEmpty ? <p className="canvas-empty">{texts.canvas.empty}</p> : null}
        {minimap ? <Minimap /> : null}
        <div className="shield" ref={shield} />
        <WireInHand />
      </main>
    </CanvasMenu>
  );
}
