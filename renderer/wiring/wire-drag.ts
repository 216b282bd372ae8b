import { createStore, type StoreApi } from 'zustand/vanilla';
import type { EdgeId, GraphDocument, NodeId } from '../../graphs/document.ts';
import { ownValue } from '../../graphs/own-value.ts';
import type { SocketKind } from '../../nodes/socket-values.ts';
import type { Editor, XY } from '../editor.ts';
import { registryOf } from '../operations/carry-out.ts';
import { drawWire, removeWires, swapWires, wiresInto } from '../operations/wires.ts';
import type { WireEnd } from '../store/view-store.ts';
import { findSources, firstFit, givenType, judgeWire, mayFit, orderEnds, wantedType } from './judge-wire.ts';

/** A wire in the hand. */
export interface WireDrag {
  /** The end that stays where it is. */
  readonly fixed: WireEnd;
  /** The wire that was pulled off to drag it. */
  readonly moved: EdgeId | undefined;
  readonly kind: SocketKind;
  readonly from: XY;
  readonly to: XY;
  readonly target: WireEnd | undefined;
  /** Why the wire can't end here, or what would be wrong if it did. */
  readonly sentence: string | undefined;
  readonly verdict: 'free' | 'fits' | 'warns' | 'refused';
}

export type WireDragStore = StoreApi<{ readonly drag: WireDrag | undefined }>;

/** A store with an empty hand. */
export function createWireDragStore(): WireDragStore {
  return createStore<{ readonly drag: WireDrag | undefined }>(() => ({ drag: undefined }));
}

const BEGIN_DISTANCE_PX = 4;
const REACH_PX = 26;
const ASK_AFTER_MS = 90;
const EDGE_PX = 36;
const FASTEST_PX = 16;

/** Follows the pointer from a socket until it is let go: draws, moves or removes a wire, or offers nodes that fit. */
export function startWireDrag(editor: Editor, store: WireDragStore, socket: HTMLElement, event: PointerEvent): void {
  const end = readSocket(socket);
  if (end === undefined) return;
  const { fixed, moved } = takeEnd(editor, end);
  const fixedElement = moved === undefined ? socket : (findSocket(fixed) ?? socket);
  const begin: XY = { x: event.clientX, y: event.clientY };
  const canvas = socket.closest<HTMLElement>('.canvas');
  let hasBegun = false;
  let asked: ReturnType<typeof setTimeout> | undefined;
  let targetKey: string | undefined;
  let last: PointerEvent | undefined;

  const judge = (target: WireEnd): Pick<WireDrag, 'sentence' | 'verdict'> & { document?: GraphDocument } => {
    const ends = orderEnds(fixed, target);
    const { edit } = editor.documents.state.getState();
    if (ends === undefined) return { sentence: undefined, verdict: 'free' };
    const judged = judgeWire(edit, registryOf(editor), editor.inference.state.getState(), ends, moved);
    return judged.ok
      ? { sentence: undefined, verdict: 'fits', document: judged.value }
      : { sentence: judged.problem.message, verdict: 'refused' };
  };
  /** Types that only the host can infer: what this very wire would make of the graph. */
  const askHost = async (target: WireEnd, document: GraphDocument): Promise<void> => {
    const inputNode = target.side === 'input' ? target.node : fixed.node;
    const before = new Set(editor.inference.state.getState().problems.map((one) => one.message));
    const problems = await editor.inference.ask(document);
    const news = problems.find(
      (one) => one.severity === 'error' && one.nodeId === inputNode && one.code === 'graph.typeMismatch' && !before.has(one.message),
    );
    const { drag } = store.getState();
    if (news !== undefined && drag?.verdict === 'fits' && keyOf(drag.target) === keyOf(target)) {
      store.setState({ drag: { ...drag, sentence: news.message, verdict: 'warns' } });
    }
  };
  const move = (moveEvent: PointerEvent): void => {
    last = moveEvent;
    const pointer: XY = { x: moveEvent.clientX, y: moveEvent.clientY };
    if (!hasBegun) {
      if (Math.hypot(pointer.x - begin.x, pointer.y - begin.y) < BEGIN_DISTANCE_PX) return;
      hasBegun = true;
      canvas?.classList.add('is-wiring');
      if (moved !== undefined) canvas?.querySelector(`[data-wire="${CSS.escape(moved)}"]`)?.classList.add('is-pulled');
      fadeMisfits(editor, fixed);
    }
    const found = findTarget(editor, fixed, pointer);
    const from = centreOf(fixedElement);
    const before = store.getState().drag;
    if (keyOf(found?.end) === targetKey && before !== undefined) {
      store.setState({ drag: { ...before, from, to: found?.at ?? pointer } });
      return;
    }
    targetKey = keyOf(found?.end);
    clearTimeout(asked);
    const verdict = found === undefined ? { sentence: undefined, verdict: 'free' as const } : judge(found.end);
    const { sentence, verdict: word } = verdict;
    store.setState({
      drag: { fixed, moved, kind: kindOf(editor, fixed), from, to: found?.at ?? pointer, target: found?.end, sentence, verdict: word },
    });
    const document = 'document' in verdict ? verdict.document : undefined;
    if (found !== undefined && document !== undefined) asked = setTimeout(() => void askHost(found.end, document), ASK_AFTER_MS);
  };
  /** Held at the canvas's edge, the wire takes the canvas along. */
  const pan = (): void => {
    const box = canvas?.getBoundingClientRect();
    const view = editor.canvas?.view();
    if (box !== undefined && view !== undefined && last !== undefined && hasBegun) {
      const push = (at: number, low: number, high: number): number =>
        at < low + EDGE_PX ? low + EDGE_PX - at : at > high - EDGE_PX ? high - EDGE_PX - at : 0;
      const [dx, dy] = [push(last.clientX, box.left, box.right), push(last.clientY, box.top, box.bottom)];
      if (dx !== 0 || dy !== 0) {
        const limit = (by: number): number => Math.max(-FASTEST_PX, Math.min(FASTEST_PX, by * 0.4));
        editor.canvas?.show({ ...view, x: view.x + limit(dx), y: view.y + limit(dy) });
        move(last);
      }
    }
    frame = requestAnimationFrame(pan);
  };
  let frame = requestAnimationFrame(pan);
  const finish = (): void => {
    cancelAnimationFrame(frame);
    clearTimeout(asked);
    window.removeEventListener('pointermove', move);
    window.removeEventListener('pointerup', drop);
    window.removeEventListener('pointercancel', finish);
    window.removeEventListener('keydown', giveUp, true);
    canvas?.classList.remove('is-wiring');
    for (const wire of canvas?.querySelectorAll('.is-pulled') ?? []) wire.classList.remove('is-pulled');
    for (const faded of document.querySelectorAll('[data-fit]')) faded.removeAttribute('data-fit');
    store.setState({ drag: undefined });
  };
  const drop = (dropEvent: PointerEvent): void => {
    const { drag } = store.getState();
    finish();
    if (drag === undefined) return;
    const at: XY = { x: dropEvent.clientX, y: dropEvent.clientY };
    if (drag.target !== undefined) dropOnSocket(editor, drag, drag.target, dropEvent.altKey);
    else if (moved !== undefined) removeWires(editor, [moved]);
    else if (document.elementFromPoint(at.x, at.y)?.closest('.canvas')) {
      const position = editor.canvas?.toCanvas(at) ?? at;
      editor.view.setState({ addMenu: { at, position: { x: position.x, y: position.y - 44 }, fitting: fixed } });
    }
  };
  const giveUp = (keyEvent: KeyboardEvent): void => {
    if (keyEvent.key !== 'Escape') return;
    keyEvent.stopPropagation();
    finish();
  };
  window.addEventListener('pointermove', move);
  window.addEventListener('pointerup', drop);
  window.addEventListener('pointercancel', finish);
  window.addEventListener('keydown', giveUp, true);
}

function dropOnSocket(editor: Editor, drag: WireDrag, target: WireEnd, isSwap: boolean): void {
  const ends = orderEnds(drag.fixed, target);
  if (ends === undefined) return;
  if (drag.verdict === 'refused') {
    if (drag.sentence !== undefined) editor.notices.tell(drag.sentence, 'trouble');
    return;
  }
  if (isSwap && drag.moved !== undefined) swapWires(editor, drag.moved, ends.to);
  else drawWire(editor, ends, drag.moved);
}

/** Taking a wired input takes its wire off; any other socket begins a new wire. */
function takeEnd(editor: Editor, end: WireEnd): { fixed: WireEnd; moved: EdgeId | undefined } {
  const last = end.side === 'input' ? wiresInto(editor, end.node, end.socket).at(-1) : undefined;
  if (last === undefined) return { fixed: end, moved: undefined };
  const [moved, { from }] = last;
  return { fixed: { node: from.node, socket: from.output, side: 'output' }, moved };
}

/** The socket nearest to the pointer; over a node's body, the first of its sockets that fits. */
function findTarget(editor: Editor, fixed: WireEnd, pointer: XY): { readonly end: WireEnd; readonly at: XY } | undefined {
  let best: { end: WireEnd; at: XY; distance: number } | undefined;
  for (const element of document.querySelectorAll<HTMLElement>('[data-socket]')) {
    const end = readSocket(element);
    if (end === undefined || end.side === fixed.side || (end.node === fixed.node && end.socket === fixed.socket)) continue;
    const at = centreOf(element);
    // A row's title belongs to its socket too.
    const row = element.parentElement?.getBoundingClientRect();
    const isInRow = row !== undefined && pointer.x >= row.left && pointer.x <= row.right && pointer.y >= row.top && pointer.y <= row.bottom;
    const distance = isInRow && element.closest('.socket-row') !== null ? 0 : Math.hypot(at.x - pointer.x, at.y - pointer.y);
    if (distance <= REACH_PX && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { end, at, distance };
  }
  if (best !== undefined) return best;
  const body = document.elementFromPoint(pointer.x, pointer.y)?.closest<HTMLElement>('[data-node-body]');
  const node = body?.dataset['nodeBody'] as NodeId | undefined; // written by the node's own element
  const type = node === undefined ? undefined : editor.documents.document().nodes[node]?.type;
  const definition = type === undefined ? undefined : registryOf(editor).get(type);
  if (node === undefined || node === fixed.node || definition === undefined) return undefined;
  const socket = firstFit(editor.documents.document(), registryOf(editor), editor.inference.state.getState(), fixed, definition);
  if (socket === undefined) return undefined;
  const end: WireEnd = { node, socket, side: fixed.side === 'output' ? 'input' : 'output' };
  const element = findSocket(end);
  return element === undefined ? undefined : { end, at: centreOf(element) };
}

/** Marks every socket that the wire can't end in, straight in the page: nothing is drawn anew for it. */
function fadeMisfits(editor: Editor, fixed: WireEnd): void {
  const document_ = editor.documents.document();
  const registry = registryOf(editor);
  const inference = editor.inference.state.getState();
  const sources = fixed.side === 'output' ? findSources(document_, fixed.node) : new Set<NodeId>([fixed.node]);
  for (const element of document.querySelectorAll<HTMLElement>('[data-socket]')) {
    const end = readSocket(element);
    if (end === undefined) continue;
    const ends = orderEnds(fixed, end);
    const target = ends && document_.nodes[ends.to.node];
    const definition = target && registry.get(target.type);
    const wanted = definition && wantedType(definition, ends.to.input);
    const given = ends === undefined ? undefined : givenType(document_, registry, inference, ends.from);
    const fits = wanted !== undefined && given !== undefined && !sources.has(end.node) && mayFit(given, wanted);
    element.dataset['fit'] = fits ? 'yes' : 'no';
  }
}

function kindOf(editor: Editor, end: WireEnd): SocketKind {
  const node = editor.documents.document().nodes[end.node];
  const definition = node === undefined ? undefined : registryOf(editor).get(node.type);
  if (end.side === 'output') return ownValue(definition?.outputs, end.socket)?.type ?? 'any';
  return ownValue(definition?.inputs, end.socket)?.type ?? 'any';
}

function readSocket(element: HTMLElement): WireEnd | undefined {
  const { node, side, name } = element.dataset;
  if (node === undefined || name === undefined || (side !== 'input' && side !== 'output')) return undefined;
  return { node: node as NodeId, socket: name, side }; // written by the socket's own component
}

function findSocket({ node, socket, side }: WireEnd): HTMLElement | undefined {
  const selector = `[data-socket][data-node="${CSS.escape(node)}"][data-side="${side}"][data-name="${CSS.escape(socket)}"]`;
  return document.querySelector<HTMLElement>(selector) ?? undefined;
}

function centreOf(element: HTMLElement): XY {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}

function keyOf(end: WireEnd | undefined): string {
  return end === undefined ? '' : JSON.stringify([end.node, end.side, end.socket]);
}
