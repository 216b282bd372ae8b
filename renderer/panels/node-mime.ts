/** What a node type is dragged as, from the list of nodes to the canvas. */
export const NODE_MIME = 'application/x-emulsion-node';
