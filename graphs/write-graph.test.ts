import { expect, it } from 'vitest';
import { sketch } from '../test/example-graphs.ts';
import { canonicalJson } from './canonical-json.ts';
import { emptyDocument, type GraphDocument, nodeId } from './document.ts';
import { writeGraph } from './write-graph.ts';

it('writes one entity a line, keys sorted, and ends with a newline', () => {
  const document: GraphDocument = {
    ...sketch()
      .node('b', 'blur', { radius: 2.5, edges: 'wrap' }, { title: 'Äh “x”\n' })
      .node('a', 'loadImage', { path: 'a.png' }, { bypass: true })
      .wire('a.image', 'b.image')
      .document(),
    layout: { positions: { [nodeId('b')]: { y: 1, x: -0 }, [nodeId('a')]: { x: 1e21, y: 0.1 } }, frames: {}, zoom: 2 },
    meta: { title: 'T', created: null },
    zebra: { b: 1, a: [true, 'x'] },
  };
  expect(writeGraph(document)).toBe(`{
  "format": "emulsion",
  "version": 1,
  "edges": {
    "e1": {"from": {"node": "a", "output": "image"}, "to": {"input": "image", "node": "b"}}
  },
  "layout": {
    "frames": {},
    "positions": {
      "a": {"x": 1e+21, "y": 0.1},
      "b": {"x": -0, "y": 1}
    },
    "zoom": 2
  },
  "meta": {
    "created": null,
    "title": "T"
  },
  "nodes": {
    "a": {"bypass": true, "params": {"path": "a.png"}, "type": "example.loadImage", "version": 1},
    "b": {"params": {"edges": "wrap", "radius": 2.5}, "title": "Äh “x”\\n", "type": "example.blur", "version": 1}
  },
  "zebra": {"a": [true, "x"], "b": 1}
}
`);
});

it('writes an empty graph', () => {
  expect(writeGraph(emptyDocument())).toBe('{\n  "format": "emulsion",\n  "version": 1,\n  "edges": {},\n  "nodes": {}\n}\n');
});

it('passes over fields that are not set, and throws on what JSON has no place for', () => {
  expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a": 1}');
  expect(canonicalJson([Number.POSITIVE_INFINITY, -0, 1e-7])).toBe('[1e999, -0, 1e-7]');
  expect(() => canonicalJson({ a: Number.NaN })).toThrow('NaN');
  expect(() => canonicalJson({ a: () => 1 })).toThrow('function');
});
