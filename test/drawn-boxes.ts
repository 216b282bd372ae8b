import { type GraphDocument, type GraphNode, nodeEntries } from '../graphs/document.ts';
import { foldedParams } from '../graphs/folded-params.ts';
import { registry } from '../nodes/registry.ts';
import { createFaceBook } from '../renderer/canvas/node-face.ts';
import { measureNode } from '../renderer/canvas/node-geometry.ts';
import { wiredInputs } from '../renderer/canvas/wired-inputs.ts';

/** Where a node is drawn; NaN where it has no place. */
export interface DrawnBox {
  readonly id: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Every node as the editor draws it; `hasPicture`: those that show one beside what they have room for from the start. */
export function drawnBoxes(document: GraphDocument, hasPicture: (node: GraphNode) => boolean): DrawnBox[] {
  const faces = createFaceBook(registry);
  return nodeEntries(document).map(([id, node]) => {
    const face = faces.faceOf(document, id, node);
    const folded = foldedParams(face, node, (param) => wiredInputs(document.edges).get(id)?.has(param) === true);
    const { width, height } = measureNode(face, { collapsed: false, hasPicture: hasPicture(node), folded, isUnfolded: false });
    const { x, y } = document.layout?.positions?.[id] ?? { x: Number.NaN, y: Number.NaN };
    return { id, left: x, top: y, right: x + width, bottom: y + height };
  });
}

/** Pairs that do not lie clear of each other; what has no place does so of nothing. */
export function overlapsOf(boxes: readonly DrawnBox[]): string[] {
  return boxes.flatMap((one, index) =>
    boxes
      .slice(index + 1)
      .filter((other) => !(one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top))
      .map((other) => `${one.id} and ${other.id}`),
  );
}
