import { describe, expect, it } from 'vitest';
import type { ModelFacts } from '../nodes/facts.ts';
import { fail, ok } from '../nodes/problem.ts';
import { describeType } from '../nodes/types/describe.ts';
import { exampleFacts, exampleModelFacts, type GraphSketch, sketch, textToImage } from '../test/example-graphs.ts';
import { exampleRegistry } from '../test/example-nodes.ts';
import { nodeId } from './document.ts';
import type { Facts } from './file-facts.ts';
import { inferTypes } from './infer.ts';

const sdxl: Partial<ModelFacts> = { family: 'sdxl', space: { id: 'sdxl', label: 'SDXL', channels: 4, factor: 8 } };
const twoModels: Facts = {
  ...exampleFacts,
  modelFacts: (reference) => ok(exampleModelFacts(reference === 'xl' ? sdxl : {})),
};

const infer = (graph: GraphSketch, facts: Facts = exampleFacts) => inferTypes(graph.document(), exampleRegistry, facts);
const sentences = (graph: GraphSketch, facts?: Facts): string[] => infer(graph, facts).problems.map((one) => one.message);
const typeOf = (graph: GraphSketch, id: string, output: string, facts?: Facts): string => {
  const type = infer(graph, facts).outputs.get(nodeId(id))?.[output];
  return type === undefined ? 'missing' : describeType(type);
};

describe('types before anything runs', () => {
  it('show sizes, families and spaces on every socket', () => {
    expect(infer(textToImage()).problems).toEqual([]);
    expect(typeOf(textToImage(), 'empty', 'latent')).toBe('latent · SD 1.5 · 8×8');
    expect(typeOf(textToImage(), 'positive', 'conditioning')).toBe('conditioning · SD 1.5 · 32 wide');
    expect(typeOf(textToImage(), 'decode', 'image')).toBe('image · 64×64 · 3 channels');
    expect(typeOf(textToImage(), 'save', 'path')).toBe('text');
  });

  it('are general where files have not been looked at', () => {
    const none: Facts = { modelFacts: () => undefined, imageFacts: () => undefined, addOnFacts: () => undefined };
    expect(infer(textToImage(), none).problems).toEqual([]);
    expect(typeOf(textToImage(), 'empty', 'latent', none)).toBe('latent · 8×8');
    expect(typeOf(textToImage(), 'checkpoint', 'model', none)).toBe('model');
  });

  it('say what is known of every input', () => {
    const { inputs } = infer(textToImage());
    expect(Object.entries(inputs.get(nodeId('sampler')) ?? {}).map(([name, type]) => `${name}: ${describeType(type)}`)).toEqual([
      'model: model · SD 1.5 · epsilon · SD 1.5 · 32 wide',
      'positive: conditioning · SD 1.5 · 32 wide',
      'negative: conditioning · SD 1.5 · 32 wide',
      'latent: latent · SD 1.5 · 8×8',
    ]);
  });

  it('take time in proportion to the graph, with chains of any length', () => {
    const graph = sketch().node('n0', 'loadImage');
    for (let at = 1; at < 20_000; at++) graph.node(`n${at}`, 'blur').wire(`n${at - 1}.image`, `n${at}.image`);
    expect(typeOf(graph, 'n19999', 'image')).toBe('image · 64×48');
  });
});

describe('refusals', () => {
  it('name the node, what it wants, what it gets from where, and what to do', () => {
    const graph = textToImage().node('blur', 'blur').wire('sampler.latent', 'blur.image');
    expect(infer(graph).problems).toEqual([
      {
        code: 'graph.typeMismatch',
        severity: 'error',
        message:
          'Blur “blur”: its input Image wants image, and gets latent · SD 1.5 · 8×8 from Sampler “sampler”. Wire Image of VAE Decode “decode” there.',
        nodeId: 'blur',
        socket: 'image',
        path: 'nodes.blur.inputs.image',
      },
    ]);
  });

  it('come from nodes that know more than their sockets', () => {
    const graph = textToImage().node('xl', 'checkpoint', { model: 'xl' });
    const mixed = () => {
      const wired = sketch();
      wired.node('a', 'checkpoint', { model: 'tiny' }).node('b', 'checkpoint', { model: 'xl' });
      wired.node('latent', 'emptyLatent').node('decode', 'decode', {}, { title: 'Develop' });
      return wired.wire('a.model', 'latent.model').wire('latent.latent', 'decode.latent').wire('b.vae', 'decode.vae');
    };
    expect(sentences(graph, twoModels)).toEqual([]);
    expect(sentences(mixed(), twoModels)).toEqual([
      'Develop “decode” decodes sdxl latents; Empty Latent “latent” gives sd. Use its own VAE.',
    ]);
    expect(infer(mixed(), twoModels).problems[0]).toMatchObject({ nodeId: 'decode', socket: 'latent', path: 'nodes.decode.inputs.latent' });
  });

  it('do not go on downstream', () => {
    const graph = sketch().node('t', 'text').node('a', 'blur').node('b', 'blur').node('save', 'saveImage');
    graph.wire('t.text', 'a.image').wire('a.image', 'b.image').wire('b.image', 'save.image');
    expect(sentences(graph)).toEqual([
      'Blur “a”: its input Image wants image, and gets text:  from Text “t”. Add a node that gives image, such as VAE Decode, Preview, Load Image and 5 more, and wire it there.',
    ]);
  });

  it('catch nodes that throw', () => {
    expect(sentences(sketch().node('x', 'broken'))).toEqual([
      "Broken “x” could not say what it gives (no such thing). This is a mistake in the node's code; report it to its author.",
    ]);
  });

  it('say which file is at fault, at the node that names it', () => {
    const missing: Facts = { ...exampleFacts, modelFacts: () => fail('model.missing', 'There is no model tiny. Check the name.') };
    expect(infer(textToImage(), missing).problems).toEqual([
      {
        code: 'model.missing',
        severity: 'error',
        message: 'There is no model tiny. Check the name.',
        nodeId: 'checkpoint',
        socket: 'model',
        path: 'nodes.checkpoint.params.model',
      },
    ]);
    const noPicture: Facts = { ...exampleFacts, imageFacts: (path) => fail('file.missing', `There is no ${path}.`) };
    expect(infer(sketch().node('photo', 'loadImage'), noPicture).problems).toMatchObject([
      { code: 'file.missing', message: 'There is no picture.png.', nodeId: 'photo', socket: 'path' },
    ]);
  });
});

describe('inputs nothing is wired to', () => {
  it('are told with what could be wired there', () => {
    const graph = sketch().node('c', 'checkpoint').node('d', 'decode').wire('c.vae', 'd.vae').node('l', 'emptyLatent');
    expect(infer(graph).problems).toMatchObject([
      {
        code: 'graph.missingInput',
        message: expect.stringMatching(/^VAE Decode “d” needs its input Latent, and nothing is wired to it\. /),
      },
      {
        code: 'graph.missingInput',
        message: 'Empty Latent “l” needs its input Model, and nothing is wired to it. Wire Model of Load Checkpoint “c” there.',
        nodeId: 'l',
        socket: 'model',
      },
    ]);
    expect(sentences(sketch().node('b', 'blur'))).toEqual([
      'Blur “b” needs its input Image, and nothing is wired to it. Add a node that gives image, such as VAE Decode, Preview, Load Image and 5 more, and wire it there.',
    ]);
  });

  it('are no matter where they are optional', () => {
    const graph = sketch().node('photo', 'loadImage').node('b', 'blur').wire('photo.image', 'b.image');
    expect(sentences(graph)).toEqual([]);
  });
});

describe('parameters that are wired', () => {
  it('take the literal that comes through the wire', () => {
    const graph = textToImage().node('size', 'number', { value: 128 }).wire('size.value', 'empty.width');
    expect(typeOf(graph, 'empty', 'latent')).toBe('latent · SD 1.5 · 16×8');
    expect(infer(graph).params.get(nodeId('empty'))).toEqual({ width: 128, height: 64, batch: 1 });
    const prompt = textToImage()
      .node('words', 'text', { text: 'wrap' })
      .node('blur', 'blur')
      .wire('words.text', 'blur.edges')
      .wire('decode.image', 'blur.image');
    expect(infer(prompt).params.get(nodeId('blur'))?.['edges']).toBe('wrap');
  });

  it('are unknown where the value is', () => {
    const graph = textToImage().node('any', 'anything').node('m', 'mask').wire('m.mask', 'any.value').wire('any.value', 'empty.width');
    expect(sentences(graph)).toEqual([
      'Empty Latent “empty”: its parameter Width wants number 8…4096, and gets mask from Anything “any”. Add a node that gives number 8…4096, such as Number, and wire it there.',
    ]);
    expect(infer(graph).params.get(nodeId('empty'))).toEqual({ height: 64, batch: 1 });
  });

  it('refuse values that the parameter itself would refuse', () => {
    const odd = textToImage().node('size', 'number', { value: 12 }).wire('size.value', 'empty.width');
    expect(infer(odd).problems).toEqual([
      {
        code: 'graph.invalidParam',
        severity: 'error',
        message:
          'Empty Latent “empty”: Width must be a whole number that is a multiple of 8 from 8 to 4096 px, and is 12, which Number “size” gives. Change it there, or remove the wire.',
        nodeId: 'empty',
        socket: 'width',
        path: 'nodes.empty.params.width',
      },
    ]);
    const outside = textToImage().node('size', 'number', { value: 5000 }).wire('size.value', 'empty.width');
    expect(sentences(outside)[0]).toContain('its parameter Width wants number 8…4096, and gets number 5000 from Number “size”.');
    const choice = textToImage()
      .node('t', 'text', { text: 'round' })
      .node('blur', 'blur')
      .wire('t.text', 'blur.edges')
      .wire('decode.image', 'blur.image');
    expect(sentences(choice)[0]).toContain('its parameter Edges wants text: wrap | mirror, and gets text: round from Text “t”.');
  });
});

describe('lists', () => {
  const split = (): GraphSketch =>
    sketch().node('photo', 'loadImage').node('split', 'splitImage', { parts: 4 }).wire('photo.image', 'split.image');

  it('are walked by nodes that take single values, and come out as lists', () => {
    const graph = split().node('blur', 'blur').wire('split.parts', 'blur.image').node('save', 'saveImage').wire('blur.image', 'save.image');
    expect(sentences(graph)).toEqual([]);
    expect(infer(graph).outputs.get(nodeId('blur'))?.['image']).toMatchObject({ kind: 'list', length: { min: 4, max: 4 } });
    expect(infer(graph).walks).toEqual(
      new Map([
        ['blur', { image: 1 }],
        ['save', { image: 1 }],
      ]),
    );
    expect(describeType(infer(graph).inputs.get(nodeId('blur'))!['image']!)).toBe('image · 64×48');
  });

  it('keep their axes when nested', () => {
    const graph = split()
      .node('again', 'splitImage', { parts: 2 })
      .wire('split.parts', 'again.image')
      .node('blur', 'blur')
      .wire('again.parts', 'blur.image');
    expect(infer(graph).walks.get(nodeId('blur'))).toEqual({ image: 2 });
    expect(infer(graph).outputs.get(nodeId('blur'))?.['image']).toMatchObject({
      kind: 'list',
      length: { max: 4 },
      item: { kind: 'list', length: { max: 2 }, item: { kind: 'struct' } },
    });
  });

  it('are walked side by side, and must be equally long', () => {
    const twoLists = (parts: number): GraphSketch =>
      split()
        .node('latents', 'anything')
        .node('other', 'splitImage', { parts })
        .node('join', 'joinImages')
        .wire('photo.image', 'other.image')
        .node('a', 'splitImage', { parts: 4 })
        .wire('split.parts', 'a.image')
        .node('b', 'splitImage', { parts: 4 })
        .wire('other.parts', 'b.image')
        .wire('photo.image', 'latents.value')
        .wire('a.parts', 'join.images', 0)
        .wire('b.parts', 'join.images', 1);
    expect(sentences(twoLists(4))).toEqual([]);
    expect(infer(twoLists(4)).walks.get(nodeId('join'))).toEqual({ images: 1 });
    expect(sentences(twoLists(3))).toEqual([
      "Join Images “join”: its input Images gets lists of 4 and 3 items, which can't be walked side by side. Give both equally many items.",
    ]);
  });

  it('count as several wires where several are taken', () => {
    const graph = split().node('join', 'joinImages').wire('split.parts', 'join.images', 0).wire('photo.image', 'join.images', 1);
    expect(infer(graph).inputs.get(nodeId('join'))?.['images']).toMatchObject({ kind: 'list', length: { min: 5, max: 5 } });
    expect(typeOf(graph, 'join', 'image')).toBe('image · 5 in the batch');
    expect(infer(graph).walks.size).toBe(0);
  });

  it('of the wrong thing are refused by what is in them', () => {
    const graph = split().node('decode', 'decode').wire('split.parts', 'decode.latent').node('c', 'checkpoint').wire('c.vae', 'decode.vae');
    expect(sentences(graph)[0]).toContain('its input Latent wants latent, and gets image · 64×48 from Split Image “split”.');
  });

  it('go whole into inputs for anything', () => {
    const graph = split().node('any', 'anything').wire('split.parts', 'any.value');
    expect(infer(graph).outputs.get(nodeId('any'))?.['value']).toMatchObject({ kind: 'list' });
    expect(infer(graph).walks.size).toBe(0);
  });
});

describe('bypassed nodes', () => {
  const chain = (): GraphSketch =>
    sketch()
      .node('photo', 'loadImage')
      .node('off', 'crop', { widthPx: 7 }, { bypass: true })
      .node('save', 'saveImage')
      .wire('off.image', 'save.image');

  it('pass on what they are given, and are not judged', () => {
    const graph = chain().wire('photo.image', 'off.image');
    expect(sentences(graph)).toEqual([]);
    expect(typeOf(graph, 'off', 'image')).toBe('image · 64×48');
    expect(describeType(infer(graph).inputs.get(nodeId('save'))!['image']!)).toBe('image · 64×48');
  });

  it('pass on through each other', () => {
    const graph = chain().node('off2', 'blur', {}, { bypass: true }).wire('photo.image', 'off2.image').wire('off2.image', 'off.image');
    expect(describeType(infer(graph).inputs.get(nodeId('save'))!['image']!)).toBe('image · 64×48');
  });

  it('that have nothing to pass on leave a needed input empty, with a sentence', () => {
    expect(sentences(chain())).toEqual([
      'Save Image “save” needs its input Image, and Crop “off” is bypassed with nothing like it to pass on. Switch that node on again, or wire something else there.',
    ]);
  });

  it('that have nothing to pass on leave optional inputs and parameters as if unwired', () => {
    const graph = textToImage()
      .node('mask', 'mask', {}, { bypass: true })
      .node('n', 'number', { value: 9 }, { bypass: true })
      .node('blur', 'blur', { radius: 5 });
    graph.wire('decode.image', 'blur.image').wire('mask.mask', 'blur.mask').wire('n.value', 'blur.radius');
    expect(sentences(graph)).toEqual([]);
    expect(infer(graph).params.get(nodeId('blur'))?.['radius']).toBe(5);
  });

  it('are named where what they pass on does not fit', () => {
    const graph = textToImage()
      .node('off', 'anything', {}, { bypass: true })
      .wire('sampler.latent', 'off.value')
      .node('blur', 'blur')
      .wire('off.value', 'blur.image');
    expect(sentences(graph)[0]).toContain('gets latent · SD 1.5 · 8×8 from Sampler “sampler” (through the bypassed Anything “off”). ');
  });
});

it('knows nothing of unknown nodes and circles, and says nothing about them', () => {
  const graph = sketch()
    .node('x', 'nothing')
    .node('a', 'blur')
    .wire('x.image', 'a.image')
    .node('b', 'blur')
    .wire('b.image', 'b.image')
    .wire('b.image', 'a.mask');
  expect(sentences(graph)).toEqual([
    'Blur “a”: its input Mask wants mask, and gets image from Blur “b”. Add a node that gives mask, such as Mask, and wire it there.',
  ]);
  expect(infer(graph).outputs.get(nodeId('x'))).toEqual({});
});
