import elkApi, { type ELKConstructorArguments, type ELK as Elk, type ElkNode } from 'elkjs/lib/elk-api.js';
import elkWorker from 'elkjs/lib/elk-worker.min.js?url';
import { edgeEntries, type GraphDocument, type NodeId } from '../../graphs/document.ts';
import type { Editor, XY } from '../editor.ts';
import { texts } from '../texts.ts';
import { boxesOf, move } from './arrange.ts';
import { selectedNodes } from './edit-selection.ts';

// Its types say `export default`; at run time the module is CommonJS and its default is the class.
const createElk = elkApi as unknown as new (settings: ELKConstructorArguments) => Elk;

/** Arranges the selected nodes, or all of them, in layers from left to right. Works in a thread of its own. */
export async function autoLayout(editor: Editor): Promise<void> {
  const before = editor.documents.document();
  const chosen = selectedNodes(editor);
  const ids = chosen.length > 1 ? chosen : (Object.keys(before.nodes) as NodeId[]); // the document's own keys
  if (ids.length === 0) return;
  const elk: Elk = new createElk({ workerUrl: elkWorker });
  try {
    // What stands above stays above, where wires leave the choice.
    const boxes = boxesOf(editor, ids).sort((a, b) => a.y - b.y || a.x - b.x);
    const places = await layOut(elk, before, boxes);
    // Whoever has edited in the meantime does not want it undone.
    if (editor.documents.document().nodes !== before.nodes) return editor.notices.tell(texts.layoutOutdated);
    move(editor, texts.steps.autoLayout, places);
    // The canvas has drawn the new places by then.
    if (chosen.length < 2) requestAnimationFrame(() => requestAnimationFrame(() => editor.canvas?.fit()));
  } finally {
    elk.terminateWorker();
  }
}

type Boxes = ReturnType<typeof boxesOf>;

async function layOut(elk: Elk, document: GraphDocument, boxes: Boxes): Promise<Map<NodeId, XY>> {
  const known = new Set<string>(boxes.map(({ id }) => id));
  const edges = edgeEntries(document).filter(([, { from, to }]) => known.has(from.node) && known.has(to.node));
  const root: ElkNode = {
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.layered.spacing.nodeNodeBetweenLayers': '72',
      'elk.spacing.nodeNode': '36',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
    },
    children: boxes.map(({ id, width, height }) => ({ id: `n ${id}`, width, height })),
    edges: edges.map(([id, { from, to }]) => ({ id: `e ${id}`, sources: [`n ${from.node}`], targets: [`n ${to.node}`] })),
  };
  const { children = [] } = await elk.layout(root);
  const left = Math.min(...boxes.map(({ x }) => x));
  const top = Math.min(...boxes.map(({ y }) => y));
  const placed = new Map<NodeId, XY>();
  for (const { id, x = 0, y = 0 } of children) placed.set(id.slice(2) as NodeId, { x: left + x - 12, y: top + y - 12 }); // as given above
  return placed;
}
