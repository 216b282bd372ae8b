import { describe, expect, it } from 'vitest';
import { type GraphSketch, sketch, textToImage } from '../test/example-graphs.ts';
import { exampleRegistry } from '../test/example-nodes.ts';
import { diffGraphs } from './diff-graphs.ts';
import { type GraphDocument, nodeId } from './document.ts';
import { readGraph } from './read-graph.ts';
import { writeGraph } from './write-graph.ts';

const diff = (a: GraphDocument, b: GraphDocument): string[] => diffGraphs(a, b, exampleRegistry).map((one) => one.message);
const from = (b: GraphSketch): string[] => diff(textToImage().document(), b.document());

describe('differences in a person’s words', () => {
  it('are none between a graph and its copy, whatever defaults are written out and whatever wires are called', () => {
    const document = textToImage().document();
    expect(diff(document, readGraph(writeGraph(document), exampleRegistry).document!)).toEqual([]);
    expect(from(textToImage().node('sampler', 'sampler', { seed: '42', start: null }))).toEqual([]);
    const renamed = { ...document, edges: Object.fromEntries(Object.entries(document.edges).map(([id, edge]) => [`x${id}`, edge])) };
    expect(diff(document, renamed)).toEqual([]);
  });

  it('in parameters, titles and bypass', () => {
    const b = textToImage()
      .node('sampler', 'sampler', { seed: '42', steps: 30, guidance: 7.5, scheduler: { _class_name: 'DDIMScheduler' } }, { bypass: true })
      .node('positive', 'encodeText', { prompt: 'a green apple', extra: 1 }, { title: 'What to draw' });
    expect(from(b)).toEqual([
      'What to draw “positive”: renamed from “Encode Text” to “What to draw”',
      'What to draw “positive”: Prompt "a red apple" → "a green apple"',
      'What to draw “positive”: extra not set → 1',
      'Sampler “sampler”: bypassed',
      'Sampler “sampler”: Steps 20 → 30',
      'Sampler “sampler”: Scheduler "auto" → {"_class_name":"DDIMScheduler"}',
    ]);
    expect(diffGraphs(textToImage().document(), b.document(), exampleRegistry)[4]).toEqual({
      kind: 'param',
      message: 'Sampler “sampler”: Steps 20 → 30',
      nodeId: 'sampler',
      socket: 'steps',
    });
    expect(diff(b.document(), textToImage().document())).toContain('Sampler “sampler”: switched on again');
    const muted = textToImage().node('decode', 'decode', {}, { mute: true });
    expect(from(muted)).toEqual(['VAE Decode “decode”: muted']);
    expect(diff(muted.document(), textToImage().document())).toEqual(['VAE Decode “decode”: not muted any more']);
  });

  it('in nodes and wires', () => {
    const b = textToImage().node('blur', 'blur').wire('decode.image', 'blur.image').wire('blur.image', 'blur.mask').document();
    const { negative: _, ...nodes } = b.nodes as Record<string, never>;
    const edges = Object.fromEntries(
      Object.entries(b.edges).filter(([, edge]) => edge.from.node !== 'negative' && edge.to.node !== 'negative'),
    );
    expect(diff(textToImage().document(), { ...b, nodes, edges })).toEqual([
      'removed Encode Text “negative”',
      'added Blur “blur”',
      'wired VAE Decode “decode” Image → Blur “blur” Image',
      'wired Blur “blur” Image → Blur “blur” Mask',
    ]);
    expect(from(textToImage().node('negative', 'text'))).toContain('replaced Encode Text “negative” by Text “negative”');
    expect(from(textToImage().node('negative', 'encodeText', { prompt: '' }, { version: 2 }))).toEqual([
      'Encode Text “negative”: version 1 → 2',
    ]);
  });

  it('in what feeds an input', () => {
    const a = sketch().node('a', 'loadImage').node('b', 'loadImage').node('blur', 'blur').node('join', 'joinImages');
    const base = a.wire('a.image', 'blur.image').wire('a.image', 'join.images', 0).wire('b.image', 'join.images', 1).document();
    const { e1, e2, e3 } = base.edges as Record<string, never>;
    const rewire = (edges: Record<string, unknown>): GraphDocument => ({ ...base, edges: edges as GraphDocument['edges'] });
    expect(diff(base, rewire({ e1: { from: { node: 'b', output: 'image' }, to: { node: 'blur', input: 'image' } }, e2, e3 }))).toEqual([
      'rewired Blur “blur” Image: Load Image “a” Image → Load Image “b” Image',
    ]);
    expect(diff(base, rewire({ e2, e3 }))).toEqual(['unwired Load Image “a” Image → Blur “blur” Image']);
    const swapped = {
      e1,
      e2: { from: { node: 'b', output: 'image' }, to: { node: 'join', input: 'images', index: 0 } },
      e3: { from: { node: 'a', output: 'image' }, to: { node: 'join', input: 'images', index: 1 } },
    };
    expect(diff(base, rewire(swapped))).toEqual(['Join Images “join” Images: changed the order of its wires']);
  });

  it('in layout and description, in sum', () => {
    const at = (x: number): GraphDocument => ({
      ...textToImage().document(),
      layout: {
        positions: { [nodeId('sampler')]: { x, y: 0 }, [nodeId('save')]: { x: 0, y: x } },
        ...(x > 1 ? { frames: { f: { title: 'F', x, y: 0, width: 1, height: 1 } } } : {}),
      },
      meta: { title: String(x) },
      more: x,
    });
    expect(diff(at(1), at(2))).toEqual(['moved 2 nodes', 'changed the layout: frames', 'changed the description', 'changed “more”']);
    expect(from(textToImage().node('save', 'saveImage', { name: 'apple' }, { color: 'red' }))).toEqual([
      'Save Image “save”: changed “color”',
    ]);
  });
});
