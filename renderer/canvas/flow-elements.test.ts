import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { GraphDocument, NodeId } from '../../graphs/document.ts';
import { parseTemplate } from '../../graphs/templates.ts';
import { registry } from '../../nodes/registry.ts';
import { unwrap } from '../../test/unwrap.ts';
import { paramStep } from '../store/param-step.ts';
import type { Selection } from '../store/selection-store.ts';
import { createFlowBuilder, type DrawnEdit } from './flow-elements.ts';
import { createFaceBook } from './node-face.ts';

const file = new URL('../../graphs/templates/text-to-image.json', import.meta.url);
const { document } = unwrap(parseTemplate('text-to-image', JSON.parse(readFileSync(file, 'utf8')), registry));
const sampler = 'sampler' as NodeId; // an id of the template
const NOTHING = { nodes: new Set<NodeId>(), edges: new Set<never>(), frames: new Set<string>(), notes: new Set<string>() };

function withParam(value: unknown): GraphDocument {
  const node = document.nodes[sampler]!;
  return { ...document, nodes: { ...document.nodes, [sampler]: { ...node, params: { ...node.params, rescale: value } } } } as GraphDocument;
}

/** The height of the sampler after each of some edits, built one after the other by one builder. */
function heightsAfter(edits: readonly DrawnEdit[]): number[] {
  const builder = createFlowBuilder(createFaceBook(registry));
  return edits.map((edit) => builder.build(edit, NOTHING, new Set()).nodes.find(({ id }) => id === 'node:sampler')!.height!);
}

it('gives the same element back for what has not changed', () => {
  const builder = createFlowBuilder(createFaceBook(registry));
  const first = builder.build({ document }, NOTHING, new Set());
  expect(builder.build({ document }, NOTHING, new Set()).nodes).toBe(first.nodes);
  const changed = builder.build({ document: withParam(0.7) }, NOTHING, new Set());
  const kept = changed.nodes.filter((node, at) => node === first.nodes[at]).map(({ id }) => id);
  expect(kept).toHaveLength(first.nodes.length - 1);
  expect(kept).not.toContain('node:sampler');
});

it('makes a node as high as what it shows: set, edited, unfolded, wired', () => {
  const [folded = 0, set, edited, settled, unfolded = 0, again] = heightsAfter([
    { document },
    { document: withParam(0.7) },
    { document: withParam(0), mergeKey: paramStep(sampler, 'rescale') },
    { document: withParam(0) },
    { document: { ...document, layout: { ...document.layout, unfolded: { [sampler]: true } } } as GraphDocument },
    { document },
  ]);
  expect(set).toBe(folded + 30);
  expect(edited).toBe(set);
  expect(settled).toBe(folded);
  expect(unfolded).toBeGreaterThan(folded + 150);
  expect(again).toBe(folded);
  const edge = { from: { node: 'seed', output: 'value' }, to: { node: sampler, input: 'rescale' } };
  const wired = { ...document, edges: { ...document.edges, more: edge } } as unknown as GraphDocument;
  expect(heightsAfter([{ document }, { document: wired }])[1]).toBe(folded + 30);
});

it('gives what it would give anew, whatever has changed since', () => {
  const ids = Object.keys(document.nodes) as NodeId[]; // Object.keys forgets the brand of the keys
  const node = fc.constantFrom(...ids);
  const put = (edit: DrawnEdit, part: 'positions' | 'collapsed' | 'unfolded', id: NodeId, value: unknown): DrawnEdit => {
    const layout = { ...edit.document.layout, [part]: { ...edit.document.layout?.[part], [id]: value } };
    return { ...edit, document: { ...edit.document, layout } as GraphDocument };
  };
  const note = { text: 'note', x: 0, y: 0, width: 10, height: 10 };
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom('title', 'remove', 'collapse', 'unfold', 'select', 'picture', 'merge', 'note'), node }),
    fc.record({ kind: fc.constant('move'), node, x: fc.integer() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const builder = createFlowBuilder(createFaceBook(registry));
      let edit: DrawnEdit = { document };
      let selection: Selection = NOTHING;
      const pictures = new Set<NodeId>();
      for (const { node: id, ...change } of steps) {
        const { nodes } = edit.document;
        if ('x' in change) edit = put(edit, 'positions', id, { x: change.x, y: 1 });
        else if (change.kind === 'collapse') edit = put(edit, 'collapsed', id, true);
        else if (change.kind === 'unfold') edit = put(edit, 'unfolded', id, true);
        else if (change.kind === 'select') selection = { ...NOTHING, nodes: new Set([id]) };
        else if (change.kind === 'picture') pictures.add(id);
        else if (change.kind === 'merge') edit = { document: edit.document, mergeKey: paramStep(id, 'rescale') };
        else if (change.kind === 'note')
          edit = { ...edit, document: { ...edit.document, layout: { ...edit.document.layout, notes: { [id]: note } } } };
        else if (change.kind === 'title' && nodes[id] !== undefined)
          edit = { ...edit, document: { ...edit.document, nodes: { ...nodes, [id]: { ...nodes[id], title: 'New' } } } };
        else if (change.kind === 'remove') {
          const { [id]: _, ...rest } = nodes;
          edit = { ...edit, document: { ...edit.document, nodes: rest } };
        }
        const pictured = new Set(pictures);
        const built = builder.build(edit, selection, pictured);
        expect(built).toEqual(createFlowBuilder(createFaceBook(registry)).build(edit, selection, pictured));
      }
    }),
  );
});
