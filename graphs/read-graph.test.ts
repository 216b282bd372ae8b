import { describe, expect, it } from 'vitest';
import { createRegistry } from '../nodes/define-node.ts';
import { sketch, textToImage } from '../test/example-graphs.ts';
import { exampleNodes, exampleRegistry } from '../test/example-nodes.ts';
import { type GraphDocument, nodeId } from './document.ts';
import { READ_LIMITS } from './parse-json.ts';
import { readGraph } from './read-graph.ts';
import { writeGraph } from './write-graph.ts';

const read = (value: unknown) => readGraph(typeof value === 'string' ? value : JSON.stringify(value), exampleRegistry);
const sentences = (value: unknown): string[] => read(value).problems.map((one) => one.message);
const file = (nodes: unknown, edges: unknown = {}, more: object = {}) => ({ format: 'emulsion', version: 1, nodes, edges, ...more });
const blur = { type: 'example.blur', version: 1, params: {} };

describe('a sound file', () => {
  it('reads without a word and comes frozen', () => {
    const { document, problems, migrated } = read(writeGraph(textToImage().document()));
    expect(problems).toEqual([]);
    expect(migrated).toEqual([]);
    expect(document).toEqual(textToImage().document());
    expect(Object.isFrozen(document?.nodes)).toBe(true);
  });

  it('may begin with a byte order mark, and leave params out', () => {
    const text = `\uFEFF${JSON.stringify(file({ a: { type: 'example.mask', version: 1 } }))}`;
    expect(read(text)).toMatchObject({ document: { nodes: { a: { params: {} } } }, problems: [] });
  });

  it('keeps fields it does not know, wherever they are', () => {
    const given = file(
      { a: { ...blur, params: {}, colour: 'red' }, b: { ...blur, params: {} } },
      { e: { from: { node: 'a', output: 'image', via: 1 }, to: { node: 'b', input: 'image' }, style: { dash: [1, 2] } } },
      { layout: { positions: { a: { x: 1, y: 2, z: 3 } }, zoom: 2 }, meta: { author: 'A' }, extension: { deep: [null] } },
    );
    expect(read(given).document).toEqual(given);
    expect(JSON.parse(writeGraph(read(given).document!))).toEqual(given);
  });
});

describe('a file that is no graph', () => {
  it.each([
    ['', 'The file is empty; a graph file holds JSON.'],
    ['{"format": "emulsion", "version": 1, "nodes": {', 'it is not valid JSON ('],
    ['{"format": "emulsion", "cfg": NaN}', 'it holds NaN or Infinity, which JSON has no place for. Write a number, or null.'],
    ['[1, 2]', 'A graph file holds one JSON object, and this one holds [1,2].'],
    ['{"nodes": []}', 'This is not an Emulsion graph: its "format" must be "emulsion", and is missing.'],
    ['{"last_node_id": 1, "nodes": [{"id": 1, "type": "KSampler"}], "links": [], "version": 0.4}', 'This is a ComfyUI workflow, which'],
    ['{"3": {"class_type": "KSampler", "inputs": {}}}', 'ComfyUI workflow, which Emulsion does not open. Begin with a template'],
    ['{"3": {"class_type": "KSampler"}, "x": 1}', 'This is not an Emulsion graph: its "format" must be "emulsion", and is missing.'],
    ['{}', 'This is not an Emulsion graph: its "format" must be "emulsion", and is missing.'],
    ['{"format": "emulsion"}', 'which version of the format it has: "version" must be a whole number from 1.'],
    ['{"format": "emulsion", "version": 1}', 'The file is damaged: nodes must be an object, and is missing.'],
    ['{"format": "emulsion", "version": 1, "nodes": [], "edges": {}}', 'The file is damaged: nodes must be an object, and is [].'],
  ])('%s', (text, sentence) => {
    const { document, problems } = read(text);
    expect(document).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'graph.damaged', severity: 'error' });
    expect(problems[0]?.message).toContain(sentence);
  });

  it('refuses a newer format version', () => {
    expect(read({ format: 'emulsion', version: 7 })).toEqual({
      problems: [
        {
          code: 'graph.newerVersion',
          severity: 'error',
          message:
            'The file was written by a newer Emulsion: it has format version 7, and this one reads up to 1. Update Emulsion to open it.',
          path: 'version',
        },
      ],
      migrated: [],
    });
  });

  it('refuses what is too large or too deep, without recursion', () => {
    const few = { ...READ_LIMITS, characters: 100, nodes: 1 };
    expect(readGraph('x'.repeat(101), exampleRegistry, few).problems[0]?.message).toBe(
      'The file has 101 characters; a graph may have 100. Is it really a graph?',
    );
    const two = JSON.stringify(file({ a: 1, b: 2 }));
    expect(readGraph(two, exampleRegistry, few).problems[0]?.message).toBe('The file has 2 nodes; a graph may have 1.');
    const deep = `{"format":"emulsion","version":1,"nodes":{},"edges":{},"meta":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(sentences(deep)[0]).toContain('The file nests values more than 64 levels deep, which no graph does (at meta.0.0.');
  });
});

describe('what is left out with a sentence', () => {
  it('is the damaged part of a node alone, where the node can be without it', () => {
    const graph = sketch().node('blur', 'blur', { radius: 3 }).document();
    const damaged = { ...graph, nodes: { blur: { ...graph.nodes[nodeId('blur')], title: 5, bypass: 1, params: null, mute: true } } };
    const { document, problems } = readGraph(JSON.stringify(damaged), exampleRegistry);
    expect(document?.nodes).toEqual({ blur: { type: 'example.blur', version: 1, params: {}, mute: true } });
    expect(problems.map(({ message }) => message)).toEqual([
      'Part of the node “blur” is damaged and left out: nodes.blur.params must be an object, and is null. Mend it in the file, or set it anew.',
      'Part of the node “blur” is damaged and left out: nodes.blur.title must be text, and is 5. Mend it in the file, or set it anew.',
      'Part of the node “blur” is damaged and left out: nodes.blur.bypass must be true or false, and is 1. Mend it in the file, or set it anew.',
    ]);
  });

  it('names that are reserved', () => {
    const text =
      '{"format":"emulsion","version":1,"edges":{},"nodes":{"__proto__":{"type":"example.mask","version":1},' +
      '"a":{"type":"example.mask","version":1,"params":{"constructor":1}}}}';
    const { document, problems } = read(text);
    expect(Object.keys(document!.nodes)).toEqual(['a']);
    expect(document!.nodes).toEqual({ a: { type: 'example.mask', version: 1, params: {} } });
    expect(problems.map((one) => one.path)).toEqual(['nodes.__proto__', 'nodes.a.params.constructor']);
    expect(problems[0]?.message).toBe(
      "The name “__proto__” is reserved and can't be used in a graph; what stood under it was left out. Choose another name.",
    );
    expect(({} as Record<string, unknown>)['type']).toBeUndefined();
  });

  it('keys that stand twice', () => {
    const text =
      '{"format":"emulsion","version":1,"edges":{},"nodes":{"a":{"type":"example.mask","version":1},"a":{"type":"example.mask","version":1,"params":{}}}}';
    expect(sentences(text)).toEqual(['The file says “nodes.a” twice. The last one is used; remove the other.']);
  });

  it('damaged nodes and wires', () => {
    const given = file(
      { a: null, b: { type: 5, version: 1 }, c: { type: 'example.mask', version: 1.5 }, ['d\ud800']: blur, ok: { ...blur } },
      {
        e1: { from: { node: 'a' } },
        e2: 'wire',
        e3: { from: { node: 'ok', output: 'image' }, to: { node: 'ok', input: 'image', index: -1 } },
      },
    );
    expect(sentences(given)).toEqual([
      'The node “a” is damaged and left out: nodes.a must be an object, and is null. Mend it in the file, or add it anew.',
      'The node “b” is damaged and left out: nodes.b.type must be text, and is 5. Mend it in the file, or add it anew.',
      'The node “c” is damaged and left out: nodes.c.version must be a whole number, and is 1.5. Mend it in the file, or add it anew.',
      'The node “d\ud800” is damaged and left out: its id must be whole characters (it holds half of one). Mend it in the file, or add it anew.',
      'The wire “e1” is damaged and left out: edges.e1.from.output must be text, and is missing. Mend it in the file, or add it anew.',
      'The wire “e2” is damaged and left out: edges.e2 must be an object, and is "wire". Mend it in the file, or add it anew.',
      'The wire “e3” is damaged and left out: edges.e3.to.index must be from 0, and is -1. Mend it in the file, or add it anew.',
    ]);
    expect(read(given).document).toMatchObject({ nodes: { ok: blur }, edges: {} });
  });

  it('wires that lead nowhere', () => {
    const given = sketch()
      .node('blur', 'blur')
      .node('mask', 'mask')
      .wire('gone.image', 'blur.image')
      .wire('mask.mask', 'blur.msk')
      .wire('mask.image', 'blur.mask')
      .document();
    const { document, problems } = read(writeGraph(given));
    expect(problems.map((one) => [one.code, one.message])).toEqual([
      ['graph.danglingEdge', 'The wire “e1” from “gone” to Blur “blur” is left out: the graph has no node “gone”.'],
      [
        'graph.unknownSocket',
        'Blur “blur” has no input or parameter “msk”, so the wire “e2” from Mask “mask” is left out. Did you mean mask?',
      ],
      ['graph.unknownSocket', 'Mask “mask” has no output “image”, so the wire “e3” to Blur “blur” is left out. Its outputs are mask.'],
    ]);
    expect(problems.map((one) => one.path)).toEqual(['edges.e1', 'edges.e2.to.input', 'edges.e3.from.output']);
    expect(document!.edges).toEqual({});
  });

  it('names every object inherits are not sockets', () => {
    const given = sketch().node('a', 'blur').node('b', 'blur').wire('a.toString', 'b.valueOf').document();
    expect(sentences(writeGraph(given))[0]).toContain('Blur “a” has no output “toString”');
  });

  it('parts of the layout, as warnings', () => {
    const layout = {
      positions: { a: { x: 'left', y: 0 }, b: { x: 1, y: 2 } },
      frames: [],
      notes: { n: { text: 'hi', x: 0, y: 0, width: 9, height: 9 } },
    };
    const { document, problems } = read(file({}, {}, { layout, meta: 'mine' }));
    expect(problems.map((one) => [one.severity, one.message])).toEqual([
      ['warning', 'Part of the layout is left out: layout.positions.a.x must be a number, and is "left".'],
      ['warning', 'Part of the layout is left out: layout.frames must be an object, and is [].'],
      ['warning', 'The file\'s description is left out: meta must be an object, and is "mine".'],
    ]);
    expect(document!.layout).toEqual({ positions: { b: { x: 1, y: 2 } }, notes: layout.notes });
  });
});

describe('what stays as it is with a sentence', () => {
  it('values out of range and parameters there are not', () => {
    const given = sketch().node('s', 'sampler', { steps: 0, guidanse: 3, seed: 1e300, start: null }, { title: 'My sampler' }).document();
    const { document, problems } = read(writeGraph(given));
    expect(document).toEqual(given);
    expect(problems).toEqual([
      {
        code: 'graph.unknownParam',
        severity: 'error',
        message: 'My sampler “s” has no parameter “guidanse”. Did you mean guidance?',
        nodeId: 's',
        socket: 'guidanse',
        path: 'nodes.s.params.guidanse',
      },
      {
        code: 'graph.invalidParam',
        severity: 'error',
        message:
          'My sampler “s”: Seed must be a whole number from -2^63 to 2^64 - 1 (large ones as text), and is 1e+300. Change it or reset it.',
        nodeId: 's',
        socket: 'seed',
        path: 'nodes.s.params.seed',
      },
      {
        code: 'graph.invalidParam',
        severity: 'error',
        message: 'My sampler “s”: Steps must be a whole number from 1 to 1000, and is 0. Change it or reset it.',
        nodeId: 's',
        socket: 'steps',
        path: 'nodes.s.params.steps',
      },
    ]);
  });

  it('numbers beyond all numbers, and broken text', () => {
    const text =
      '{"format":"emulsion","version":1,"edges":{},"nodes":{"t":{"type":"example.text","version":1,"params":{"text":"\\ud800"}},"n":{"type":"example.number","version":1,"params":{"value":-1e999}}}}';
    const { document, problems } = read(text);
    expect(problems.map((one) => one.message)).toEqual([
      'Text “t”: Text must be whole characters, and holds half of one (a lone surrogate). Change it or reset it.',
      'Number “n”: Value must be a number from -1000000000 to 1000000000, and is -Infinity. Change it or reset it.',
    ]);
    expect(writeGraph(document!)).toContain('"value": -1e999');
    expect(writeGraph(document!)).toContain('"text": "\\ud800"');
  });

  it('nodes of types there are not, with their wires', () => {
    const given: GraphDocument = {
      ...sketch().node('a', 'blur').node('c', 'blur').document(),
    };
    const strange = { type: 'acme.sharpen', version: 12, params: { amount: { deep: [1, null] } }, acme: true };
    const whole = {
      ...given,
      nodes: { ...given.nodes, b: strange },
      edges: {
        e1: { from: { node: 'a', output: 'image' }, to: { node: 'b', input: 'whatever' } },
        e2: { from: { node: 'b', output: 'sharp' }, to: { node: 'c', input: 'image' } },
      },
    };
    const { document, problems } = read(whole);
    expect(document).toEqual(whole);
    expect(writeGraph(document!)).toBe(writeGraph(whole as unknown as GraphDocument));
    expect(problems).toEqual([
      {
        code: 'graph.unknownNode',
        severity: 'error',
        message:
          "acme.sharpen “b” is of a type this Emulsion does not have, “acme.sharpen”. It is kept as it is, but can't run. Install the package it comes from, or remove it.",
        nodeId: 'b',
        path: 'nodes.b.type',
      },
    ]);
    expect(sentences(file({ a: { type: 'example.blurr', version: 1 } }))[0]).toContain('Did you mean example.blur?');
  });

  it('nodes of a newer version, with wires to sockets only that version has', () => {
    const given = sketch().node('a', 'blur', { power: 2 }, { version: 2 }).node('b', 'blur').wire('b.image', 'a.second').document();
    const { document, problems } = read(writeGraph(given));
    expect(document).toEqual(given);
    expect(problems.map((one) => [one.code, one.message])).toEqual([
      [
        'graph.newerVersion',
        "Blur “a” was saved by a newer version of its type (2; this Emulsion has 1). It is kept as it is, but can't run. Update Emulsion.",
      ],
    ]);
  });

  it('two wires into an input that takes one', () => {
    const given = sketch()
      .node('a', 'loadImage')
      .node('b', 'loadImage')
      .node('c', 'blur')
      .wire('a.image', 'c.image')
      .wire('b.image', 'c.image')
      .document();
    const { document, problems } = read(writeGraph(given));
    expect(document).toEqual(given);
    expect(problems).toEqual([
      {
        code: 'graph.duplicateInput',
        severity: 'error',
        message: 'Blur “c”: Image takes one wire, and has 2, from Load Image “a”, Load Image “b”. Remove all but one.',
        nodeId: 'c',
        socket: 'image',
        path: 'edges.e2',
      },
    ]);
  });

  it('circles, which it names', () => {
    const given = sketch()
      .node('a', 'blur')
      .node('b', 'blur')
      .node('c', 'blur', {}, { title: 'Soft' })
      .node('d', 'blur')
      .wire('a.image', 'b.image')
      .wire('b.image', 'c.image')
      .wire('c.image', 'a.image')
      .wire('c.image', 'd.image')
      .document();
    const { document, problems } = read(writeGraph(given));
    expect(document).toEqual(given);
    expect(problems).toEqual([
      {
        code: 'graph.cycle',
        severity: 'error',
        message:
          'These nodes feed each other in a circle: Blur “b” → Soft “c” → Blur “a” → Blur “b”. None of them can run. ' +
          'Remove one of the wires between them, for example the one into Image of Blur “b”.',
        nodeId: 'b',
        socket: 'image',
        path: 'edges.e1',
      },
    ]);
    const self = sketch().node('a', 'blur').wire('a.image', 'a.image').document();
    expect(sentences(writeGraph(self))[0]).toContain('A node feeds itself: Blur “a” → Blur “a”.');
  });
});

it('tells a thousand mistakes and counts the rest', () => {
  const nodes = Object.fromEntries(Array.from({ length: 1_500 }, (_, at) => [`n${at}`, { type: 'example.none', version: 1 }]));
  const { problems } = read(file(nodes));
  expect(problems).toHaveLength(1_001);
  expect(problems.at(-1)?.message).toBe('There are 500 more problems of this kind; mend these first.');
});

describe('versions of nodes', () => {
  it('brings old parameters up to date, step by step', () => {
    const first = file({
      a: { type: 'example.crop', version: 1, params: { pixels: '48' } },
      b: { type: 'example.crop', version: 2, params: { size: '9' } },
    });
    expect(read(first)).toMatchObject({
      document: { nodes: { a: { version: 3, params: { widthPx: 48 } }, b: { version: 3, params: { widthPx: 9 } } } },
      migrated: ['a', 'b'],
      problems: [],
    });
  });

  it('says so where a step is missing, throws or gives no JSON, and keeps the node', () => {
    const crop = exampleNodes.find((one) => one.id === 'example.crop')!;
    const given = file({ a: { type: 'example.crop', version: 1, params: { pixels: 4 } } });
    const readWith = (migrations: typeof crop.migrations) =>
      readGraph(JSON.stringify(given), createRegistry([{ ...crop, migrations: migrations ?? [] }]));
    expect(readWith([]).problems.map((one) => one.message)).toEqual([
      'Crop “a” was saved by version 1 and this Emulsion has no step from version 1 to 2. Add it anew.',
    ]);
    const thrown = readWith([
      {
        from: 1,
        migrate() {
          throw new Error('no pixels');
        },
      },
    ]);
    expect(thrown.problems.map((one) => one.message)).toEqual([
      'Crop “a” was saved by version 1 and could not be brought from version 1 to 2 (no pixels). Add it anew.',
    ]);
    expect(thrown.document!.nodes).toEqual(given.nodes);
    const notJson = readWith([{ from: 1, migrate: () => ({ size: () => 1 }) }]);
    expect(notJson.problems[0]?.message).toContain('what came out holds a function, which JSON has no place for. Add it anew.');
  });
});
