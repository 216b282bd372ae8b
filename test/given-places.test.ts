import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type GraphDocument, nodeEntries } from '../graphs/document.ts';
import { parseTemplate } from '../graphs/templates.ts';
import { givePlaces } from '../host/documents/give-places.ts';
import { registry } from '../nodes/registry.ts';
import { type DrawnBox, drawnBoxes, overlapsOf } from './drawn-boxes.ts';
import { unwrap } from './unwrap.ts';

const folder = new URL('../graphs/templates/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

/** With the pictures that they may show. */
const boxesOf = (document: GraphDocument): DrawnBox[] => drawnBoxes(document, (node) => node.type.startsWith('sampling.'));

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
