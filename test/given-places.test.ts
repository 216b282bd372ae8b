import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type GraphDocument, nodeEntries } from '../graphs/document.ts';
import { foldedParams } from '../graphs/folded-params.ts';
import { parseTemplate } from '../graphs/templates.ts';
import { givePlaces } from '../host/documents/give-places.ts';
import { registry } from '../nodes/registry.ts';
import { createFaceBook } from '../renderer/canvas/node-face.ts';
import { measureNode } from '../renderer/canvas/node-geometry.ts';
import { wiredInputs } from '../renderer/canvas/wired-inputs.ts';
import { unwrap } from './unwrap.ts';

const folder = new URL('../graphs/templates/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

interface Box {
  readonly id: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** As the editor draws them, with the pictures that they may show. */
function boxesOf(document: GraphDocument): Box[] {
  const faces = createFaceBook(registry);
  return nodeEntries(document).map(([id, node]) => {
    const face = faces.faceOf(document, id, node);
    const folded = foldedParams(face, node, (param) => wiredInputs(document.edges).get(id)?.has(param) === true);
    const hasPicture = node.type.startsWith('sampling.');
    const { width, height } = measureNode(face, { collapsed: false, hasPicture, folded, isUnfolded: false });
    const { x, y } = document.layout?.positions?.[id] ?? { x: Number.NaN, y: Number.NaN };
    return { id, left: x, top: y, right: x + width, bottom: y + height };
  });
}

function overlapsOf(boxes: readonly Box[]): string[] {
  return boxes.flatMap((one, index) =>
    boxes
      .slice(index + 1)
      .filter((other) => !(one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top))
      .map((other) => `${one.id} and ${other.id}`),
  );
}

function readTemplate(file: string): GraphDocument {
  return unwrap(parseTemplate(file, JSON.parse(readFileSync(new URL(file, folder), 'utf8')), registry)).document;
}

describe.each(files)('the template %s', (file) => {
  it('is given places where none lies on another, and wires go to the right', () => {
    const placed = givePlaces({ ...readTemplate(file), layout: {} }, registry);
    const boxes = boxesOf(placed);
    expect(overlapsOf(boxes)).toEqual([]);
    const left = new Map(boxes.map((box) => [box.id, box.left]));
    for (const { from, to } of Object.values(placed.edges)) expect(left.get(to.node)).toBeGreaterThan(left.get(from.node) ?? Number.NaN);
  });

  it('stays as it is where all have places, and the rest is put below where some have', () => {
    const document = readTemplate(file);
    expect(givePlaces(document, registry)).toBe(document);
    const [first] = nodeEntries(document);
    const kept = first && document.layout?.positions?.[first[0]];
    const placed = givePlaces({ ...document, layout: first && kept ? { positions: { [first[0]]: kept } } : {} }, registry);
    expect(overlapsOf(boxesOf(placed))).toEqual([]);
    if (first !== undefined) expect(placed.layout?.positions?.[first[0]]).toEqual(kept);
  });
});
