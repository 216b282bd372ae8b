import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { GraphDocument, NodeId } from '../../graphs/document.ts';
import { parseTemplate } from '../../graphs/templates.ts';
import { registry } from '../../nodes/registry.ts';
import { unwrap } from '../../test/unwrap.ts';
import { paramStep } from '../operations/edit-selection.ts';
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
  return edits.map((edit) => builder.build(edit, NOTHING, () => false).nodes.find(({ id }) => id === 'node:sampler')!.height!);
}

it('gives the same element back for what has not changed', () => {
  const builder = createFlowBuilder(createFaceBook(registry));
  const first = builder.build({ document }, NOTHING, () => false);
  expect(builder.build({ document }, NOTHING, () => false).nodes).toBe(first.nodes);
  const changed = builder.build({ document: withParam(0.7) }, NOTHING, () => false);
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
