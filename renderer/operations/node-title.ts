import type { NodeId } from '../../graphs/document.ts';
import type { Editor } from '../editor.ts';
import { texts } from '../texts.ts';
import { registryOf } from './carry-out.ts';

/** What a node is called: its own title, else its type's. */
export function titleOf(editor: Editor, id: NodeId): string {
  const node = editor.documents.document().nodes[id];
  if (node === undefined) return id;
  return node.title || registryOf(editor).get(node.type)?.title || node.type;
}

/** How a step of the history speaks of some nodes: "Sampler", or "3 nodes". */
export function nameNodes(editor: Editor, ids: readonly NodeId[]): string {
  const [only, ...more] = ids;
  return only !== undefined && more.length === 0 ? titleOf(editor, only) : texts.nodeCount(ids.length);
}
