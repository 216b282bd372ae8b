import { editFrame } from '../../graphs/commands/edit-frame.ts';
import { editNote } from '../../graphs/commands/edit-note.ts';
import { moveNodes } from '../../graphs/commands/move-nodes.ts';
import type { Frame, GraphDocument, GraphDraft, NodeId } from '../../graphs/document.ts';
import { ownValue } from '../../graphs/own-value.ts';
import type { Result } from '../../nodes/problem.ts';
import type { Editor, XY } from '../editor.ts';
import { carryOut, inTurn } from './carry-out.ts';

/** A rectangle on the canvas. */
export interface Box extends XY {
  readonly width: number;
  readonly height: number;
}

/** A node, frame or note as a rectangle. */
export interface CanvasBox extends Box {
  readonly kind: 'node' | 'frame' | 'note';
  readonly id: string;
}

/** Where something goes; frames may get another size. */
export type Place = XY & { readonly width?: number; readonly height?: number };

/** Whether a rectangle lies in a frame: its middle does. */
export function liesIn(frame: Box, box: Box): boolean {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  return x >= frame.x && x <= frame.x + frame.width && y >= frame.y && y <= frame.y + frame.height;
}

/** What moves with a frame: everything in it but frames that are larger. */
export function contentOf<B extends CanvasBox>(frame: B, all: readonly B[]): B[] {
  return all.filter(
    (box) =>
      !(box.kind === 'frame' && box.id === frame.id) &&
      liesIn(frame, box) &&
      (box.kind !== 'frame' || box.width * box.height < frame.width * frame.height),
  );
}

/** The rectangle around others; undefined around none. */
export function aroundAll(boxes: readonly Box[]): Box | undefined {
  if (boxes.length === 0) return undefined;
  const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
  const width = Math.max(...boxes.map((box) => box.x + box.width)) - x;
  const height = Math.max(...boxes.map((box) => box.y + box.height)) - y;
  return { x, y, width, height };
}

/** Everything on the canvas, as it is drawn; or all of another document, as it would be. */
export function allBoxes(editor: Editor, other?: GraphDocument): CanvasBox[] {
  const { nodes, layout } = other ?? editor.documents.document();
  const boxes: CanvasBox[] = [];
  for (const id of Object.keys(nodes)) {
    const { x = 0, y = 0 } = ownValue(layout?.positions, id as NodeId) ?? {}; // the document's own keys
    boxes.push({ kind: 'node', id, x, y, ...(editor.canvas?.sizeOf(id, other) ?? { width: 0, height: 0 }) });
  }
  for (const [id, { x, y, width, height }] of Object.entries(layout?.frames ?? {})) boxes.push({ kind: 'frame', id, x, y, width, height });
  for (const [id, { x, y, width, height }] of Object.entries(layout?.notes ?? {})) boxes.push({ kind: 'note', id, x, y, width, height });
  return boxes;
}

/** What is selected, without what lies in a selected frame and moves with it. */
export function selectedBoxes(editor: Editor, all: readonly CanvasBox[] = allBoxes(editor)): CanvasBox[] {
  const { nodes, frames, notes } = editor.selection.state.getState();
  const sets: Readonly<Record<CanvasBox['kind'], ReadonlySet<string>>> = { node: nodes, frame: frames, note: notes };
  const selected = all.filter(({ kind, id }) => sets[kind].has(id));
  const carried = new Set(selected.filter(({ kind }) => kind === 'frame').flatMap((frame) => contentOf(frame, all)));
  return selected.filter((box) => !carried.has(box));
}

/** Places for boxes, and for what moves along with the frames among them. */
export function withContent(places: ReadonlyMap<CanvasBox, XY>, all: readonly CanvasBox[]): Map<CanvasBox, XY> {
  const moved = new Map(places);
  for (const [box, { x, y }] of places) {
    if (box.kind !== 'frame') continue;
    for (const inner of contentOf(box, all)) {
      if (!moved.has(inner)) moved.set(inner, { x: inner.x + x - box.x, y: inner.y + y - box.y });
    }
  }
  return moved;
}

/** Puts things at places, as one step; with `merge`, into the last step of that key. */
export function placeBoxes(editor: Editor, label: string, places: ReadonlyMap<CanvasBox, Place>, merge?: string): void {
  const positions = new Map<NodeId, XY>();
  const items: ((draft: GraphDraft) => Result<unknown>)[] = [];
  for (const [{ kind, id }, place] of places) {
    const change = rounded(place);
    if (kind === 'node')
      positions.set(id as NodeId, { x: change.x, y: change.y }); // boxes of nodes have their ids
    else if (kind === 'frame') items.push((draft) => editFrame(draft, { id, change }));
    else items.push((draft) => editNote(draft, { id, change }));
  }
  carryOut(
    editor,
    label,
    (draft) => inTurn(draft, [(draft) => moveNodes(draft, { positions }), ...items]),
    merge === undefined ? 'record' : { merge },
  );
}

function rounded({ x, y, width, height }: Place): Pick<Frame, 'x' | 'y'> & Partial<Pick<Frame, 'width' | 'height'>> {
  return {
    x: Math.round(x),
    y: Math.round(y),
    ...(width === undefined ? {} : { width: Math.round(width) }),
    ...(height === undefined ? {} : { height: Math.round(height) }),
  };
}
