import type { ReactFlowInstance } from '@xyflow/react';
import type { NodeId } from '../../graphs/document.ts';
import type { CanvasPort, Editor, XY } from '../editor.ts';
import { allBoxes, aroundAll } from '../operations/canvas-boxes.ts';
import { findFreePlace } from './find-free-place.ts';
import { viewToShow } from './view-to-show.ts';

/** Room between a new node and the one it stands beside. */
const BESIDE = 48;
/** What is wanted in the middle, before it is known which node comes there. */
const MIDDLE = { width: 248, height: 240 };
const MOVE_MS = 220;

/** Where new nodes go, and how the view follows them. */
export interface NewNodes {
  /** Where one is wanted when the pointer does not say: right of what is selected or was new last, else in the middle. */
  place(): XY;
  readonly roomFor: CanvasPort['roomFor'];
  readonly show: CanvasPort['showNew'];
  /** Gives the focus at once, or when the view has moved to where it moves, unless a person has put it elsewhere by then. */
  focusOnceShown(focus: () => void): void;
}

/** For the canvas of an editor, which takes up a part of the window. */
export function createNewNodes(editor: Editor, instance: ReactFlowInstance, getWindow: () => DOMRect): NewNodes {
  let last: readonly NodeId[] = [];
  let moving: Promise<void> | undefined;

  return {
    place() {
      const { nodes } = editor.selection.state.getState();
      const beside = nodes.size > 0 ? nodes : new Set(last);
      const boxes = allBoxes(editor).filter(({ kind, id }) => kind === 'node' && beside.has(id as NodeId)); // boxes of nodes have their ids
      const right = boxes.reduce((one, other) => (other.x + other.width > one.x + one.width ? other : one), boxes[0] ?? NOWHERE);
      if (right !== NOWHERE) return { x: right.x + right.width + BESIDE, y: right.y };
      const { left, top, width, height } = getWindow();
      const middle = instance.screenToFlowPosition({ x: left + width / 2, y: top + height / 3 });
      return { x: middle.x - MIDDLE.width / 2, y: middle.y };
    },
    roomFor: (size, wanted) =>
      findFreePlace(
        wanted,
        size,
        allBoxes(editor).filter(({ kind }) => kind !== 'frame'),
      ),
    show(nodes) {
      last = nodes as readonly NodeId[]; // whoever shows them has their ids from the document
      const area = aroundAll(allBoxes(editor).filter(({ kind, id }) => kind === 'node' && nodes.includes(id)));
      if (area === undefined) return;
      const view = instance.getViewport();
      const next = viewToShow(view, getWindow(), area);
      if (next === view) return;
      const duration = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : MOVE_MS;
      // Linear: the smooth way zooms out on far ways.
      void instance.setViewport(next, { duration, interpolate: 'linear' });
      // By the clock: React Flow says nothing when a person takes hold of the canvas meanwhile.
      const moved = new Promise<void>((resolve) => setTimeout(resolve, duration)).then(() => {
        if (moving === moved) moving = undefined;
      });
      moving = moved;
    },
    focusOnceShown(focus) {
      if (moving === undefined) return focus();
      const { activeElement } = document;
      const focusIfLeft = (): void => {
        if (document.activeElement === activeElement || document.activeElement === document.body) focus();
      };
      // A frame later what has come into view is there.
      void moving.then(() => requestAnimationFrame(focusIfLeft));
    },
  };
}

const NOWHERE = { x: 0, y: 0, width: 0, height: 0 };
