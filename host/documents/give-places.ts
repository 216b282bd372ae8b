import { type GraphDocument, nodeEntries } from '../../graphs/document.ts';
import { ownValue } from '../../graphs/own-value.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import { placeNodes } from './node-boxes.ts';

/** The same graph with a place for every node: graphs that were written by hand or by a program often have none, and would lie in a heap. */
export function givePlaces(document: GraphDocument, registry: NodeRegistry): GraphDocument {
  const known = document.layout?.positions;
  const nodes = nodeEntries(document);
  // One alone can only lie where it lies.
  if (nodes.length < 2 || nodes.every(([id]) => ownValue(known, id) !== undefined)) return document;
  const places = placeNodes(document, registry).map(({ id, x, y }) => [id, { x, y }] as const);
  return { ...document, layout: { ...document.layout, positions: { ...Object.fromEntries(places), ...known } } };
}
