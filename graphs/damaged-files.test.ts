import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleFacts, sketch, textToImage } from '../test/example-graphs.ts';
import { exampleRegistry } from '../test/example-nodes.ts';
import { inferTypes } from './infer.ts';
import { planRun } from './plan.ts';
import { readGraph } from './read-graph.ts';
import { writeGraph } from './write-graph.ts';

/** Everything that is done with a file that was opened; nothing of it may throw. */
function openAndPlan(text: string): void {
  const { document, problems } = readGraph(text, exampleRegistry);
  for (const one of problems) expect(one.message).not.toBe('');
  if (document === undefined) {
    expect(problems.length).toBeGreaterThan(0);
    return;
  }
  const written = writeGraph(document);
  const again = readGraph(written, exampleRegistry).document;
  expect(again).toEqual(document);
  expect(writeGraph(again!)).toBe(written);
  inferTypes(document, exampleRegistry, exampleFacts);
  expect(
    planRun({ document, registry: exampleRegistry, facts: exampleFacts, hash: (key) => String(key.length), isCached: () => false }).ok,
  ).toBe(true);
}

const samples = [
  writeGraph(textToImage().document()),
  writeGraph({
    ...sketch()
      .node('a', 'joinImages')
      .node('b', 'blur', { edges: 'ä\ud800', radius: 1e300 })
      .wire('a.image', 'a.images', 3)
      .wire('b.image', 'a.images')
      .document(),
    layout: { positions: {}, notes: { n: { text: '“”', x: 0, y: 0, width: 1, height: 1 } } },
  }),
];

const name = fc.oneof(fc.constantFrom('a', 'b', 'image', 'images', 'steps', '__proto__', 'constructor', 'toString', ''), fc.string());
const type = fc.oneof(fc.constantFrom('example.blur', 'example.sampler', 'example.joinImages', 'example.crop', 'toString'), fc.string());
const json = fc.jsonValue({ maxDepth: 4 });
const nearGraph = fc.record(
  {
    format: fc.constantFrom<unknown>('emulsion', 'emulsion', 'emulsion', 'other', null),
    version: fc.constantFrom<unknown>(1, 1, 1, 1, 0, 2, '1', null),
    nodes: fc.oneof(fc.dictionary(name, fc.oneof(fc.record({ type, version: fc.nat(4), params: fc.dictionary(name, json) }), json)), json),
    edges: fc.oneof(
      fc.dictionary(
        name,
        fc.oneof(
          fc.record({ from: fc.record({ node: name, output: name }), to: fc.record({ node: name, input: name, index: fc.integer() }) }),
          json,
        ),
      ),
      json,
    ),
    layout: fc.oneof(
      fc.record({ positions: json, frames: fc.dictionary(name, json), notes: json, collapsed: fc.dictionary(name, fc.boolean()) }),
      json,
    ),
    meta: json,
  },
  { requiredKeys: ['format', 'version'] },
);

describe('the reader opens or refuses, and never throws', () => {
  it('on any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), openAndPlan), { numRuns: 1_000 });
  });

  it('on any JSON', () => {
    fc.assert(fc.property(fc.json(), openAndPlan), { numRuns: 1_000 });
  });

  it('on what is almost a graph', () => {
    fc.assert(
      fc.property(nearGraph, (value) => openAndPlan(JSON.stringify(value))),
      { numRuns: 2_000 },
    );
  });

  it('on graphs with a few characters changed, removed or doubled', () => {
    const change = fc.tuple(
      fc.nat(),
      fc.nat(2),
      fc.string({ unit: fc.constantFrom(...'{}[]":,0123456789.-e\\ntrue ab\u0000é\ud83d'), maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 6 }), (sample, changes) => {
        let text = sample;
        for (const [at, kind, insert] of changes) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + (kind === 0 ? '' : insert) + text.slice(place + (kind === 2 ? 0 : insert.length + 1));
        }
        openAndPlan(text);
      }),
      { numRuns: 2_000 },
    );
  });
});
