import elkApi, { type ELKConstructorArguments, type ELK as Elk, type ElkNode } from 'elkjs/lib/elk-api.js';
import elkWorker from 'elkjs/lib/elk-worker.min.js?url';
import { edgeEntries, type GraphDocument } from '../../graphs/document.ts';
import type { Editor } from '../editor.ts';
import { texts } from '../texts.ts';
import { allBoxes, type CanvasBox, contentOf, type Place, placeBoxes, selectedBoxes } from './canvas-boxes.ts';
import { FRAME_PADDING, FRAME_TITLE_ROOM } from './canvas-items.ts';

// Its types say `export default`; at run time the module is CommonJS and its default is the class.
const createElk = elkApi as unknown as new (settings: ELKConstructorArguments) => Elk;

/**
 * Arranges what is selected, or everything, in layers from left to right; frames are drawn around what lies in them. Works in a thread of its
 * own.
 */
export async function autoLayout(editor: Editor): Promise<void> {
  const before = editor.documents.document();
  const all = allBoxes(editor);
  const chosen = selectedBoxes(editor, all);
  const isAll = chosen.length < 2;
  const within = new Set(chosen.flatMap((box) => (box.kind === 'frame' ? [box, ...contentOf(box, all)] : [box])));
  const boxes = isAll ? all : all.filter((box) => within.has(box));
  if (boxes.length === 0) return;
  const elk: Elk = new createElk({ workerUrl: elkWorker });
  try {
    const places = await layOut(elk, before, boxes);
    // Whoever has edited in the meantime does not want it undone.
    const now = editor.documents.document();
    if (now.nodes !== before.nodes || now.layout !== before.layout) return editor.notices.tell(texts.layoutOutdated);
    placeBoxes(editor, texts.steps.autoLayout, places);
    // The canvas has drawn the new places by then.
    if (isAll) requestAnimationFrame(() => requestAnimationFrame(() => editor.canvas?.fit()));
  } finally {
    elk.terminateWorker();
  }
}

const LAYERED = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.layered.spacing.nodeNodeBetweenLayers': '72',
  'elk.spacing.nodeNode': '36',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
} as const;

/** What stands above stays above, where wires leave the choice. Not with frames: elk fails on most graphs that have both. */
const KEPT_ORDER = { 'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES' } as const;

const FRAME_ROOM = `[top=${FRAME_TITLE_ROOM},left=${FRAME_PADDING},bottom=${FRAME_PADDING},right=${FRAME_PADDING}]`;

async function layOut(elk: Elk, document: GraphDocument, boxes: readonly CanvasBox[]): Promise<Map<CanvasBox, Place>> {
  const nameOf = ({ kind, id }: CanvasBox): string => `${kind} ${id}`;
  const known = new Map(boxes.map((box) => [nameOf(box), box]));
  const edges = edgeEntries(document).filter(([, { from, to }]) => known.has(`node ${from.node}`) && known.has(`node ${to.node}`));
  const parents = findParents(boxes);
  const sorted = [...boxes].sort((a, b) => a.y - b.y || a.x - b.x);
  const childrenOf = (parent: CanvasBox | undefined): ElkNode[] =>
    sorted
      .filter((box) => parents.get(box) === parent)
      .map((box) => {
        const children = box.kind === 'frame' ? childrenOf(box) : [];
        const size = children.length === 0 ? { width: box.width, height: box.height } : {};
        return { id: nameOf(box), children, layoutOptions: { ...LAYERED, 'elk.padding': FRAME_ROOM }, ...size };
      });
  const root: ElkNode = {
    id: 'root',
    layoutOptions: boxes.some(({ kind }) => kind === 'frame') ? LAYERED : { ...LAYERED, ...KEPT_ORDER },
    children: childrenOf(undefined),
    edges: edges.map(([id, { from, to }]) => ({ id: `edge ${id}`, sources: [`node ${from.node}`], targets: [`node ${to.node}`] })),
  };
  const laid = await elk.layout(root);
  const left = Math.min(...boxes.map(({ x }) => x)) - ELK_PADDING;
  const top = Math.min(...boxes.map(({ y }) => y)) - ELK_PADDING;
  const placed = new Map<CanvasBox, Place>();
  const take = (nodes: readonly ElkNode[], dx: number, dy: number): void => {
    for (const { id, x = 0, y = 0, width, height, children = [] } of nodes) {
      const box = known.get(id);
      if (box === undefined) continue;
      const size = box.kind === 'frame' && width !== undefined && height !== undefined ? { width, height } : {};
      placed.set(box, { x: dx + x, y: dy + y, ...size });
      take(children, dx + x, dy + y);
    }
  };
  take(laid.children ?? [], left, top);
  return placed;
}

/** What elk leaves around everything. */
const ELK_PADDING = 12;

/** For each box the smallest frame that it lies in. */
function findParents(boxes: readonly CanvasBox[]): Map<CanvasBox, CanvasBox> {
  const parents = new Map<CanvasBox, CanvasBox>();
  const frames = boxes.filter(({ kind }) => kind === 'frame').sort((a, b) => b.width * b.height - a.width * a.height);
  // Smaller ones come later and overwrite.
  for (const frame of frames) for (const box of contentOf(frame, boxes)) parents.set(box, frame);
  return parents;
}
