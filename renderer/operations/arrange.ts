import { moveNodes } from '../../graphs/commands/move-nodes.ts';
import type { NodeId } from '../../graphs/document.ts';
import { ownValue } from '../../graphs/own-value.ts';
import type { Editor, XY } from '../editor.ts';
import { texts } from '../texts.ts';
import { carryOut } from './carry-out.ts';
import { selectedNodes } from './edit-selection.ts';
import { nameNodes } from './node-title.ts';

/** A node as a rectangle. */
interface Box extends XY {
  readonly id: NodeId;
  readonly width: number;
  readonly height: number;
}

export type Edge = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom';

/** Lines the selected nodes up along an edge of what they cover together. */
export function align(editor: Editor, edge: Edge): void {
  const boxes = selectedBoxes(editor);
  if (boxes.length < 2) return;
  const left = Math.min(...boxes.map((box) => box.x));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const top = Math.min(...boxes.map((box) => box.y));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  const place = ({ x, y, width, height }: Box): XY => {
    switch (edge) {
      case 'left':
        return { x: left, y };
      case 'centre':
        return { x: (left + right - width) / 2, y };
      case 'right':
        return { x: right - width, y };
      case 'top':
        return { x, y: top };
      case 'middle':
        return { x, y: (top + bottom - height) / 2 };
      case 'bottom':
        return { x, y: bottom - height };
      default:
        return edge satisfies never;
    }
  };
  move(editor, texts.steps.align, new Map(boxes.map((box) => [box.id, place(box)])));
}

/** Spreads the selected nodes so that the gaps between them are equal; the outermost two stay. */
export function distribute(editor: Editor, along: 'x' | 'y'): void {
  const size = along === 'x' ? 'width' : 'height';
  const boxes = selectedBoxes(editor).sort((a, b) => a[along] - b[along]);
  const [first] = boxes;
  const last = boxes.at(-1);
  if (boxes.length < 3 || first === undefined || last === undefined) return;
  const inner = boxes.slice(0, -1).reduce((sum, box) => sum + box[size], 0);
  const gap = (last[along] - first[along] - inner) / (boxes.length - 1);
  const places = new Map<NodeId, XY>();
  let at = first[along];
  for (const box of boxes) {
    places.set(box.id, along === 'x' ? { x: at, y: box.y } : { x: box.x, y: at });
    at += box[size] + gap;
  }
  move(editor, texts.steps.distribute, places);
}

/** Moves the selected nodes by so much; repeated moves are one step. */
export function nudge(editor: Editor, dx: number, dy: number): void {
  const boxes = selectedBoxes(editor);
  if (boxes.length === 0) return;
  const ids = boxes.map((box) => box.id);
  const positions = new Map(boxes.map((box) => [box.id, { x: box.x + dx, y: box.y + dy }]));
  carryOut(editor, texts.steps.move(nameNodes(editor, ids)), (draft) => moveNodes(draft, { positions }), {
    merge: `move ${ids.join(' ')}`,
  });
}

/** Puts nodes at places, as one step. */
export function move(editor: Editor, label: string, places: ReadonlyMap<NodeId, XY>): void {
  const positions = new Map([...places].map(([id, { x, y }]) => [id, { x: Math.round(x), y: Math.round(y) }]));
  carryOut(editor, label, (draft) => moveNodes(draft, { positions }));
}

/** The rectangles of nodes, as they are drawn. */
export function boxesOf(editor: Editor, ids: readonly NodeId[]): Box[] {
  const document = editor.documents.document();
  return ids.map((id) => {
    const { x = 0, y = 0 } = ownValue(document.layout?.positions, id) ?? {};
    return { id, x, y, ...(editor.canvas?.sizeOf(id) ?? { width: 0, height: 0 }) };
  });
}

function selectedBoxes(editor: Editor): Box[] {
  return boxesOf(editor, selectedNodes(editor));
}
