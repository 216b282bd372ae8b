import { edgeEntries, type GraphDocument, type NodeId } from '../../graphs/document.ts';
import { ownValue } from '../../graphs/own-value.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';

/** Whether a node makes nothing but masks of its file. */
export function readsMask(registry: NodeRegistry, type: string): boolean {
  const outputs = Object.values(registry.get(type)?.outputs ?? {});
  return outputs.length > 0 && outputs.every((output) => output.type === 'mask');
}

/** The picture file that a mask is laid over: of the nearest node that uses the mask, what its picture is read from. */
export function findBeneath(document: GraphDocument, registry: NodeRegistry, mask: NodeId): string | undefined {
  const wires = edgeEntries(document).map(([, edge]) => edge);
  const after = walk([mask], (node) => wires.filter(({ from }) => from.node === node).map(({ to }) => to.node));
  const typeOf = (node: NodeId): string => document.nodes[node]?.type ?? '';
  for (const user of after) {
    const pictures = wires
      .filter(({ from, to }) => to.node === user && !after.has(from.node))
      .filter(({ from }) => ownValue(registry.get(typeOf(from.node))?.outputs ?? {}, from.output)?.type === 'image');
    const before = walk(
      pictures.map(({ from }) => from.node),
      (node) => wires.filter(({ to }) => to.node === node).map(({ from }) => from.node),
    );
    for (const source of before) {
      const file = readsMask(registry, typeOf(source)) ? undefined : fileOf(document, registry, source);
      if (file !== undefined) return file;
    }
  }
  return undefined;
}

/** The picture file that a node names. */
function fileOf(document: GraphDocument, registry: NodeRegistry, id: NodeId): string | undefined {
  const node = document.nodes[id];
  const params = registry.get(node?.type ?? '')?.params ?? {};
  const [name] = Object.entries(params).find(([, spec]) => spec.kind === 'file' && spec.holds === 'image') ?? [];
  const file = name === undefined ? undefined : ownValue(node?.params ?? {}, name);
  return typeof file === 'string' && file !== '' ? file : undefined;
}

/** Everything that can be reached, nearest first. */
function walk(from: readonly NodeId[], next: (node: NodeId) => readonly NodeId[]): Set<NodeId> {
  const reached = new Set(from);
  for (const node of reached) for (const one of next(node)) reached.add(one);
  return reached;
}
