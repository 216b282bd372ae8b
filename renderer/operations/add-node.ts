import { addNode } from '../../graphs/commands/add-node.ts';
import { connect } from '../../graphs/commands/connect.ts';
import { disconnect } from '../../graphs/commands/disconnect.ts';
import { type EdgeId, emptyDocument, type GraphNode, type NodeId } from '../../graphs/document.ts';
import type { AnyNodeDefinition } from '../../nodes/define-node.ts';
import { ok, type Result } from '../../nodes/problem.ts';
import type { Editor, XY } from '../editor.ts';
import type { WireEnd } from '../store/view-store.ts';
import { texts } from '../texts.ts';
import { firstFit, givenType, mayFit, orderEnds, wantedType } from '../wiring/judge-wire.ts';
import { carryOut, inTurn, registryOf } from './carry-out.ts';
import { titleOf } from './node-title.ts';

/** How far to the left of its socket a new node stands when it feeds one. */
const NODE_AND_GAP = 300;

/** Adds a node as near to a place as it covers no other, shows and selects it; with `fitting`, connects it there in the same step. */
export function addNodeAt(editor: Editor, type: string, position: XY, fitting?: WireEnd): NodeId | undefined {
  const registry = registryOf(editor);
  const definition = registry.get(type);
  if (definition === undefined) return undefined;
  const { ids } = editor.documents;
  const document = editor.documents.document();
  const socket = fitting && firstFit(document, registry, editor.inference.state.getState(), fitting, definition);
  const wanted = fitting?.side === 'input' ? { x: position.x - NODE_AND_GAP, y: position.y } : position;
  const place = placeForNew(editor, { type, version: definition.version, params: {} }, wanted);
  const added = carryOut(editor, texts.steps.add(definition.title), (draft): Result<NodeId> => {
    const node = addNode(draft, { registry, ids, type, position: place });
    if (!node.ok || fitting === undefined || socket === undefined) return node;
    const ends = orderEnds(fitting, { node: node.value, socket, side: fitting.side === 'output' ? 'input' : 'output' });
    const wire = ends === undefined ? ok(null) : connect(draft, { registry, ids, ...ends });
    return wire.ok ? node : wire;
  });
  if (added === undefined) return undefined;
  editor.selection.select({ nodes: [added] });
  editor.canvas?.showNew([added]);
  return added;
}

/** The place for a node that is about to be added: where it is wanted, or as near as it covers no other. */
export function placeForNew(editor: Editor, node: GraphNode, wanted: XY): XY {
  const { canvas } = editor;
  const alone = { ...emptyDocument(), nodes: { new: node } };
  const place = round(wanted);
  return canvas === undefined ? place : round(canvas.roomFor(canvas.sizeOf('new', alone), place));
}

/** Where a node of this type could stand in a wire; undefined when it does not fit there. */
export function fitIntoWire(editor: Editor, edgeId: EdgeId, definition: AnyNodeDefinition): { input: string; output: string } | undefined {
  const document = editor.documents.document();
  const registry = registryOf(editor);
  const edge = document.edges[edgeId];
  const targetNode = edge && document.nodes[edge.to.node];
  const target = targetNode && registry.get(targetNode.type);
  const wanted = target && wantedType(target, edge.to.input);
  if (edge === undefined || wanted === undefined) return undefined;
  const given = givenType(document, registry, editor.inference.state.getState(), edge.from);
  const end: WireEnd = { node: edge.from.node, socket: edge.from.output, side: 'output' };
  const input = firstFit(document, registry, editor.inference.state.getState(), end, definition);
  const back: WireEnd = { node: edge.to.node, socket: edge.to.input, side: 'input' };
  const output = firstFit(document, registry, editor.inference.state.getState(), back, definition);
  return input === undefined || output === undefined || !mayFit(given, wanted) ? undefined : { input, output };
}

/** Puts a node into a wire: what came through the wire goes through the node from now on. */
export function insertIntoWire(editor: Editor, node: NodeId, edgeId: EdgeId): void {
  const document = editor.documents.document();
  const registry = registryOf(editor);
  const edge = document.edges[edgeId];
  const own = document.nodes[node];
  const definition = own && registry.get(own.type);
  const fit = definition && fitIntoWire(editor, edgeId, definition);
  if (edge === undefined || fit === undefined) return;
  const { ids } = editor.documents;
  const { node: source, output } = edge.from;
  const { node: target, input, index } = edge.to;
  carryOut(editor, texts.steps.insert(titleOf(editor, node)), (draft) =>
    inTurn(draft, [
      (draft) => disconnect(draft, { edges: [edgeId] }),
      (draft) => connect(draft, { registry, ids, from: { node: source, output }, to: { node, input: fit.input } }),
      (draft) =>
        connect(draft, {
          registry,
          ids,
          from: { node, output: fit.output },
          to: { node: target, input, ...(index === undefined ? {} : { index }) },
        }),
    ]),
  );
}

function round({ x, y }: XY): XY {
  return { x: Math.round(x), y: Math.round(y) };
}
