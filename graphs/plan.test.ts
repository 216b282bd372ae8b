import { describe, expect, it } from 'vitest';
import { fail, ok } from '../nodes/problem.ts';
import { sentenceOf } from '../test/contracts/command-contract.ts';
import { exampleFacts, exampleModelFacts, type GraphSketch, largeGraph, sketch, textToImage } from '../test/example-graphs.ts';
import { exampleRegistry } from '../test/example-nodes.ts';
import { unwrap } from '../test/unwrap.ts';
import { type GraphDocument, nodeId } from './document.ts';
import type { Facts } from './file-facts.ts';
import { planRun } from './plan.ts';
import type { Plan, PlanRequest } from './run-plan.ts';

/** Keys that show what they were made of: collisions and leaks can be seen. */
function plan(document: GraphDocument | GraphSketch, more: Partial<PlanRequest> = {}): Plan {
  return unwrap(
    planRun({
      document: 'document' in document && typeof document.document === 'function' ? document.document() : (document as GraphDocument),
      registry: exampleRegistry,
      facts: exampleFacts,
      hash: (text) => `<${text}>`,
      isCached: () => false,
      ...more,
    }),
  );
}

const ran = (planned: Plan): string[] => planned.steps.map((step) => step.id);
const keyOf = (graph: GraphSketch, id: string, more: Partial<PlanRequest> = {}): string | undefined =>
  plan(graph, { targets: [id], ...more }).keys.get(nodeId(id));
const readsOf = (planned: Plan, id: string) => planned.steps.find((step) => step.id === id);

describe('what is run', () => {
  it('is what the nodes with effects need, sources first', () => {
    const graph = textToImage().node('idle', 'loadImage').node('blur', 'blur').wire('idle.image', 'blur.image');
    const planned = plan(graph);
    expect(planned.targets).toEqual(['save']);
    expect(ran(planned)).toEqual(['checkpoint', 'positive', 'negative', 'empty', 'sampler', 'decode', 'save']);
    expect(planned.problems).toEqual([]);
    expect(planned.blocked.size).toBe(0);
  });

  it('is every last node where none has effects', () => {
    const graph = sketch()
      .node('photo', 'loadImage')
      .node('a', 'blur')
      .node('b', 'blur')
      .wire('photo.image', 'a.image')
      .wire('photo.image', 'b.image');
    expect(plan(graph).targets).toEqual(['a', 'b']);
    expect(plan(sketch()).steps).toEqual([]);
  });

  it('is advised from the whole graph: what nothing is wired to yet comes first, also where it is not needed so far', () => {
    const advice = (graph: GraphSketch): string[] =>
      plan(graph).problems.map(({ message }) => message.replace(/.* and nothing is wired to it\. /, ''));
    expect(advice(textToImage().cut('positive.conditioning', 'sampler.positive'))).toEqual([
      'Wire Conditioning of Encode Text “positive” there.',
    ]);
    expect(advice(textToImage().cut('sampler.latent', 'decode.latent'))).toEqual(['Wire Latent of Sampler “sampler” there.']);
    // Nothing is proposed that comes after the asker.
    const alone = sketch().node('blur', 'blur').node('again', 'blur').wire('blur.image', 'again.image');
    expect(advice(alone)).toEqual([expect.stringMatching(/^Add a node that gives image, such as /)]);
  });

  it('is what is asked for, and asking for what there is not is refused', () => {
    expect(ran(plan(textToImage(), { targets: ['positive', 'positive'] }))).toEqual(['checkpoint', 'positive']);
    const refused = planRun({
      document: textToImage().document(),
      registry: exampleRegistry,
      facts: exampleFacts,
      hash: String,
      isCached: () => false,
      targets: ['samplr'],
    });
    expect(sentenceOf(refused)).toBe('The graph has no node “samplr” to run. Did you mean sampler?');
  });

  it('comes with everything a step needs', () => {
    const graph = textToImage().node('n', 'number', { value: 30 }).wire('n.value', 'sampler.steps');
    const step = readsOf(plan(graph), 'sampler');
    expect(step).toMatchObject({
      type: 'example.sampler',
      cacheable: true,
      inputs: {
        model: [{ node: 'checkpoint', output: 'model' }],
        positive: [{ node: 'positive', output: 'conditioning' }],
        latent: [{ node: 'empty', output: 'latent' }],
      },
      wiredParams: { steps: { node: 'n', output: 'value' } },
      walks: {},
    });
    expect(step?.params).toEqual({ seed: '42', guidance: 7.5, scheduler: 'auto', start: null });
  });

  it('keeps the order of several wires', () => {
    const graph = sketch()
      .node('a', 'loadImage')
      .node('b', 'loadImage')
      .node('join', 'joinImages')
      .wire('a.image', 'join.images', 5)
      .wire('b.image', 'join.images', 2);
    expect(readsOf(plan(graph), 'join')?.inputs['images']?.map((ref) => ref.node)).toEqual(['b', 'a']);
  });
});

describe('the cache', () => {
  it('is asked for what is needed, and nothing before what it has is run', () => {
    const keys = plan(textToImage()).keys;
    const asked: string[] = [];
    const has = (id: string) => (key: string) => {
      asked.push(key);
      return key === keys.get(nodeId(id));
    };
    const planned = plan(textToImage(), { isCached: has('sampler') });
    expect(ran(planned)).toEqual(['checkpoint', 'decode', 'save']);
    expect(planned.cached).toEqual([{ id: 'sampler', key: keys.get(nodeId('sampler')) }]);
    expect(planned.keys.size).toBe(7);
    expect(asked).not.toContain(keys.get(nodeId('positive')));
    expect(asked).not.toContain(keys.get(nodeId('save')));
  });

  it('never holds effects, which run whenever they are asked for', () => {
    const planned = plan(textToImage(), { isCached: () => true });
    expect(ran(planned)).toEqual(['save']);
    expect(planned.steps[0]?.cacheable).toBe(false);
    expect(planned.cached.map((one) => one.id)).toEqual(['decode']);
  });

  it('holds what comes after showing, and nothing that comes after writing a file', () => {
    const graph = textToImage()
      .node('show', 'preview')
      .wire('decode.image', 'show.image')
      .node('blur', 'blur')
      .wire('show.image', 'blur.image');
    graph.node('path', 'encodeText').wire('save.path', 'path.prompt').wire('checkpoint.textEncoder', 'path.textEncoder');
    const planned = plan(graph, { targets: ['blur', 'path'], isCached: () => true });
    expect(planned.cached.map((one) => one.id)).toContain('blur');
    expect(ran(planned)).toEqual(['save', 'path']);
    expect(readsOf(planned, 'path')?.cacheable).toBe(false);
  });

  it('gives a target that it has', () => {
    const planned = plan(textToImage(), { targets: ['decode'], isCached: () => true });
    expect(planned.steps).toEqual([]);
    expect(planned.cached.map((one) => one.id)).toEqual(['decode']);
  });
});

describe('keys', () => {
  const base = (): string | undefined => keyOf(textToImage(), 'decode');

  it('do not change with titles, layout, ids, defaults written out or the order of the file', () => {
    expect(keyOf(textToImage().node('sampler', 'sampler', { steps: 20, seed: 42 }, { title: 'Mine', note: 1 }), 'decode')).toBe(base());
    const moved: GraphDocument = {
      ...textToImage().document(),
      layout: { positions: { [nodeId('decode')]: { x: 1, y: 1 } } },
      meta: { title: 'x' },
    };
    expect(plan(moved, { targets: ['decode'] }).keys.get(nodeId('decode'))).toBe(base());
    const reversed = {
      ...moved,
      nodes: Object.fromEntries(Object.entries(moved.nodes).reverse()),
      edges: Object.fromEntries(Object.entries(moved.edges).reverse()),
    };
    expect(plan(reversed as GraphDocument, { targets: ['decode'] }).keys.get(nodeId('decode'))).toBe(base());
    expect(base()).not.toContain('sampler"');
    const twins = sketch().node('a', 'loadImage', { path: 'x.png' }).node('b', 'loadImage', { path: 'x.png' });
    expect(keyOf(twins, 'a')).toBe(keyOf(twins, 'b'));
  });

  it('change with every parameter and wire upstream', () => {
    const others = [
      textToImage().node('positive', 'encodeText', { prompt: 'a green apple' }),
      textToImage().node('sampler', 'sampler', { seed: '43', steps: 20, guidance: 7.5, scheduler: 'auto' }),
      textToImage().node('sampler', 'sampler', { seed: ['42'], steps: 20 }),
      textToImage().node('sampler', 'sampler', { seed: '42', scheduler: { _class_name: 'DDIMScheduler' } }),
      textToImage().node('checkpoint', 'checkpoint', { model: 'other' }),
      textToImage().wire('empty.latent', 'unused.latent').node('n', 'number', { value: 20 }).wire('n.value', 'sampler.steps'),
    ].map((graph) => keyOf(graph, 'decode'));
    expect(new Set([base(), ...others]).size).toBe(others.length + 1);
  });

  it('tell apart which output and which place among several a value comes from', () => {
    const join = (first: number, second: number): string | undefined =>
      keyOf(
        sketch()
          .node('a', 'loadImage', { path: 'a' })
          .node('b', 'loadImage', { path: 'b' })
          .node('join', 'joinImages')
          .wire('a.image', 'join.images', first)
          .wire('b.image', 'join.images', second),
        'join',
      );
    expect(join(0, 1)).not.toBe(join(1, 0));
    expect(join(0, 1)).toBe(join(3, 9));
  });

  it('follow what is in a file, not what it is called', () => {
    const facts = (fingerprint: string): Facts => ({ ...exampleFacts, modelFacts: () => ok(exampleModelFacts({ fingerprint })) });
    const named = (model: unknown): GraphSketch => textToImage().node('checkpoint', 'checkpoint', { model });
    expect(keyOf(named('a'), 'decode', { facts: facts('1') })).toBe(
      keyOf(named({ name: 'b', family: 'sd15' }), 'decode', { facts: facts('1') }),
    );
    expect(keyOf(named('a'), 'decode', { facts: facts('1') })).not.toBe(keyOf(named('a'), 'decode', { facts: facts('2') }));
    const photo = sketch().node('photo', 'loadImage', { path: 'x.png' });
    expect(keyOf(photo, 'photo')).toContain('"fingerprint": "image-x.png"');
  });

  it('are not trusted where a file has not been looked at', () => {
    const none: Facts = { modelFacts: () => undefined, imageFacts: () => undefined, addOnFacts: () => undefined };
    const planned = plan(textToImage(), { facts: none, isCached: () => true });
    expect(ran(planned)).toHaveLength(7);
    expect(planned.steps.every((step) => !step.cacheable)).toBe(true);
    const wired = sketch()
      .node('t', 'text', { text: 'a.png' })
      .node('any', 'anything')
      .wire('t.text', 'any.value')
      .node('photo', 'loadImage')
      .wire('t.text', 'photo.path');
    expect(readsOf(plan(wired), 'photo')?.cacheable).toBe(true);
    const unknown = sketch()
      .node('photo', 'loadImage')
      .node('save', 'saveImage')
      .wire('photo.image', 'save.image')
      .node('again', 'loadImage')
      .wire('save.path', 'again.path');
    expect(readsOf(plan(unknown, { targets: ['again'] }), 'again')?.cacheable).toBe(false);
  });

  it('look through bypassed nodes', () => {
    const off = sketch()
      .node('photo', 'loadImage')
      .node('off', 'blur', {}, { bypass: true })
      .wire('photo.image', 'off.image')
      .node('crop', 'crop')
      .wire('off.image', 'crop.image');
    const direct = sketch().node('photo', 'loadImage').node('crop', 'crop').wire('photo.image', 'crop.image');
    expect(keyOf(off, 'crop')).toBe(keyOf(direct, 'crop'));
    expect(ran(plan(off, { targets: ['crop'] }))).toEqual(['photo', 'crop']);
    expect(readsOf(plan(off, { targets: ['crop'] }), 'crop')?.inputs).toEqual({ image: [{ node: 'photo', output: 'image' }] });
  });
});

describe('what is muted', () => {
  const branched = (): GraphSketch =>
    textToImage()
      .node('blur', 'blur', { radius: -5 }, { mute: true })
      .wire('decode.image', 'blur.image')
      .node('off', 'blur', {}, { bypass: true })
      .wire('blur.image', 'off.image')
      .node('save2', 'saveImage')
      .wire('off.image', 'save2.image');

  it('is left out with what depends on it, whatever is wrong with it; the rest runs', () => {
    const planned = plan(branched());
    expect(planned.targets).toEqual(['save']);
    expect(ran(planned)).toEqual(['checkpoint', 'positive', 'negative', 'empty', 'sampler', 'decode', 'save']);
    expect([...planned.muted]).toEqual([
      ['save2', 'blur'],
      ['blur', 'blur'],
    ]);
    expect(planned.problems).toEqual([]);
    expect(planned.blocked.size).toBe(0);
    expect(planned.keys.has(nodeId('save2'))).toBe(false);
  });

  it('leaves nothing of the graph where everything depends on it, and says so', () => {
    const planned = plan(textToImage().node('sampler', 'sampler', {}, { mute: true }));
    expect(planned.steps).toEqual([]);
    expect([...planned.muted]).toEqual([
      ['save', 'sampler'],
      ['decode', 'sampler'],
      ['sampler', 'sampler'],
    ]);
    expect(planned.problems).toMatchObject([
      { severity: 'warning', message: expect.stringMatching(/^Nothing was run: Save Image “save”/) },
    ]);
  });

  it('is refused when it is asked for', () => {
    const planned = plan(branched(), { targets: ['save', 'save2', 'blur'] });
    expect(ran(planned)).toContain('save');
    expect(planned.blocked.get(nodeId('blur'))?.message).toBe(
      'Blur “blur” is muted, so it does not run. Switch it on, or ask for another node.',
    );
    expect(planned.blocked.get(nodeId('save2'))?.message).toBe(
      'Save Image “save2” needs Blur “blur”, which is muted, so it does not run. Switch that node on, or ask for another one.',
    );
  });

  it('counts more than being bypassed', () => {
    const graph = textToImage().node('decode', 'decode', {}, { mute: true, bypass: true });
    expect(plan(graph).muted.has(nodeId('save'))).toBe(true);
  });
});

describe('values', () => {
  it('are freed by the last step that reads them, and targets are kept', () => {
    const planned = plan(textToImage(), { targets: ['decode', 'empty'] });
    const freed = planned.steps.map((step) => [step.id, step.frees.map((ref) => `${ref.node}.${ref.output}`).sort()]);
    expect(Object.fromEntries(freed)).toEqual({
      checkpoint: [],
      positive: [],
      negative: ['checkpoint.textEncoder'],
      empty: [],
      sampler: ['checkpoint.model', 'negative.conditioning', 'positive.conditioning'],
      decode: ['checkpoint.vae', 'sampler.latent'],
    });
  });

  it('that nobody reads are freed at once, and those of the cache like any other', () => {
    const planned = plan(textToImage(), { isCached: (key) => key === plan(textToImage()).keys.get(nodeId('sampler')) });
    expect(readsOf(planned, 'checkpoint')?.frees.map((ref) => ref.output)).toEqual(['model', 'textEncoder']);
    expect(
      readsOf(planned, 'decode')
        ?.frees.map((ref) => `${ref.node}.${ref.output}`)
        .sort(),
    ).toEqual(['checkpoint.vae', 'sampler.latent']);
  });
});

describe('what can not run', () => {
  it('blocks what depends on it, with its own reason, and nothing else', () => {
    const graph = textToImage().node('positive', 'encodeText', { prompt: 7 });
    graph
      .node('photo', 'loadImage')
      .node('blur', 'blur')
      .wire('photo.image', 'blur.image')
      .node('save2', 'saveImage')
      .wire('blur.image', 'save2.image');
    const planned = plan(graph);
    expect(ran(planned)).toEqual(['photo', 'blur', 'save2']);
    expect([...planned.blocked].map(([id, reason]) => [id, reason.nodeId])).toEqual([
      ['save', 'positive'],
      ['decode', 'positive'],
      ['sampler', 'positive'],
      ['positive', 'positive'],
    ]);
    expect(planned.blocked.get(nodeId('save'))?.message).toBe(
      'Encode Text “positive”: Prompt must be text, and is 7. Change it or reset it.',
    );
    expect(planned.problems).toHaveLength(1);
  });

  it.each<[string, GraphSketch, string]>([
    ['an unknown type', textToImage().node('positive', 'nothing'), 'graph.unknownNode'],
    ['a newer version', textToImage().node('positive', 'encodeText', {}, { version: 2 }), 'graph.newerVersion'],
    ['an unknown parameter', textToImage().node('positive', 'encodeText', { promt: 'x' }), 'graph.unknownParam'],
    [
      'a missing input',
      textToImage().node('extra', 'blur').wire('extra.image', 'save.image2').node('save', 'saveImage').node('positive', 'blur'),
      'graph.missingInput',
    ],
    ['a type that does not fit', textToImage().node('positive', 'loadImage'), 'graph.unknownSocket'],
    ['two wires in one place', textToImage().wire('checkpoint.textEncoder', 'positive.textEncoder'), 'graph.duplicateInput'],
    ['a circle', textToImage().node('t', 'anything').wire('t.value', 't.value').wire('t.value', 'positive.prompt'), 'graph.cycle'],
    ['a wire from nowhere', textToImage().wire('gone.text', 'positive.prompt'), 'graph.danglingEdge'],
    [
      'a bypassed circle',
      textToImage().node('t', 'anything', {}, { bypass: true }).wire('t.value', 't.value').wire('t.value', 'positive.prompt'),
      'graph.cycle',
    ],
  ])('%s', (_name, graph, code) => {
    const planned = plan(graph);
    expect(planned.steps).toEqual([]);
    expect(planned.blocked.has(nodeId('save'))).toBe(true);
    expect(planned.problems.map((one) => one.code)).toContain(code);
  });

  it('includes nodes whose file is at fault, even where no type depends on it', () => {
    const facts: Facts = { ...exampleFacts, imageFacts: () => fail('file.missing', 'There is no such picture.') };
    const graph = sketch().node('photo', 'loadImage').node('save', 'saveImage').wire('photo.image', 'save.image');
    expect([...plan(graph, { facts }).blocked.values()].map((one) => one.code)).toEqual(['file.missing', 'file.missing']);
  });

  it('includes a bypassed target', () => {
    const graph = sketch()
      .node('photo', 'loadImage')
      .node('off', 'blur', { radius: -5 }, { bypass: true })
      .wire('photo.image', 'off.image');
    const planned = plan(graph, { targets: ['off'] });
    expect(planned.steps).toEqual([]);
    expect(planned.blocked.get(nodeId('off'))?.message).toBe(
      'Blur “off” is bypassed, so it has no result of its own. Switch it on, or ask for another node.',
    );
  });

  it('is not told of branches nobody asked for', () => {
    const graph = textToImage().node('bad', 'blur', { radius: -1 });
    expect(plan(graph).problems).toEqual([]);
    const aside = textToImage()
      .node('off', 'blur', {}, { bypass: true })
      .wire('decode.image', 'off.image')
      .node('m', 'nothing')
      .wire('m.mask', 'off.mask')
      .node('save2', 'saveImage')
      .wire('off.image', 'save2.image');
    expect(plan(aside).blocked.size).toBe(0);
    expect(ran(plan(aside))).toContain('save2');
  });
});

it('plans 20,000 nodes in a row without recursion', () => {
  const document = largeGraph(20_000);
  const planned = plan(document, { hash: (text) => String(text.length) });
  expect(planned.steps).toHaveLength(Object.keys(document.nodes).length);
  expect(planned.blocked.size).toBe(0);
});
