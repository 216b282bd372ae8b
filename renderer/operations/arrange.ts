import type { NodeId } from '../../graphs/document.ts';
import type { Editor, XY } from '../editor.ts';
import { texts } from '../texts.ts';
import { allBoxes, type Box, placeBoxes, selectedBoxes, withContent } from './canvas-boxes.ts';
import { nameNodes } from './node-title.ts';

export type Edge = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom';

/** Lines what is selected up along an edge of what it covers together; what lies in a frame goes with it. */
export function align(editor: Editor, edge: Edge): void {
  const all = allBoxes(editor);
  const places = alignBoxes(selectedBoxes(editor, all), edge);
  if (places.size > 1) placeBoxes(editor, texts.steps.align, withContent(places, all));
}

/** Spreads what is selected so that the gaps are equal; the outermost two stay. */
export function distribute(editor: Editor, along: 'x' | 'y'): void {
  const all = allBoxes(editor);
  const places = distributeBoxes(selectedBoxes(editor, all), along);
  if (places.size > 2) placeBoxes(editor, texts.steps.distribute, withContent(places, all));
}

/** Moves what is selected by so much; repeated moves are one step. */
export function nudge(editor: Editor, dx: number, dy: number): void {
  const all = allBoxes(editor);
  const boxes = selectedBoxes(editor, all);
  if (boxes.length === 0) return;
  const nodes = boxes.filter(({ kind }) => kind === 'node').map(({ id }) => id as NodeId); // boxes of nodes have their ids
  const what = nodes.length === boxes.length ? nameNodes(editor, nodes) : texts.itemCount(boxes.length);
  const places = new Map(boxes.map((box) => [box, { x: box.x + dx, y: box.y + dy }]));
  const key = `move ${boxes.map(({ kind, id }) => `${kind}:${id}`).join(' ')}`;
  placeBoxes(editor, texts.steps.move(what), withContent(places, all), key);
}

/** Where boxes go that line up along an edge of what they cover together. */
export function alignBoxes<B extends Box>(boxes: readonly B[], edge: Edge): Map<B, XY> {
  const left = Math.min(...boxes.map((box) => box.x));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const top = Math.min(...boxes.map((box) => box.y));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  const place = ({ x, y, width, height }: B): XY => {
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
  return new Map(boxes.map((box) => [box, place(box)]));
}

/** Where boxes go whose gaps are equal; the outermost two stay. */
export function distributeBoxes<B extends Box>(boxes: readonly B[], along: 'x' | 'y'): Map<B, XY> {
  const size = along === 'x' ? 'width' : 'height';
  const sorted = [...boxes].sort((a, b) => a[along] - b[along]);
  const [first] = sorted;
  const last = sorted.at(-1);
  const places = new Map<B, XY>();
  if (first === undefined || last === undefined || sorted.length < 3) return places;
  const inner = sorted.slice(0, -1).reduce((sum, box) => sum + box[size], 0);
  const gap = (last[along] - first[along] - inner) / (sorted.length - 1);
  let at = first[along];
  for (const box of sorted) {
    places.set(box, along === 'x' ? { x: at, y: box.y } : { x: box.x, y: at });
    at += box[size] + gap;
  }
  return places;
}
