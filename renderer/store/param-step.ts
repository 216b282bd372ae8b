import type { NodeId } from '../../graphs/document.ts';

const PREFIX = 'param ';

/** The key that edits of one parameter are gathered under until they are done. */
export function paramStep(node: NodeId, param: string): string {
  return `${PREFIX}${node} ${param}`;
}

/** The node whose parameter is being edited under such a key. */
export function nodeOfStep(mergeKey: string | undefined): NodeId | undefined {
  if (mergeKey?.startsWith(PREFIX) !== true) return undefined;
  // Names of parameters hold no spaces; ids of nodes may.
  return mergeKey.slice(PREFIX.length, mergeKey.lastIndexOf(' ')) as NodeId; // made from a node's id
}
