import { type EdgeId, emptyDocument, type GraphDocument, type GraphEdge, type GraphNode, type NodeId } from '../graphs/document.ts';
import type { Facts } from '../graphs/file-facts.ts';
import type { ModelFacts } from '../nodes/facts.ts';

/** Builds documents out of the example nodes in few words. */
export interface GraphSketch {
  /** Adds a node `example.type`. */
  node(id: string, type: string, params?: Record<string, unknown>, more?: Partial<GraphNode>): GraphSketch;
  /** Adds a wire: `wire('sampler.latent', 'decode.latent')`. The last dot parts node and socket. */
  wire(from: string, to: string, index?: number): GraphSketch;
  /** Takes that wire away again. */
  cut(from: string, to: string): GraphSketch;
  document(): GraphDocument;
}

/** An empty sketch. */
export function sketch(): GraphSketch {
  const nodes: Record<string, GraphNode> = {};
  const edges: Record<string, GraphEdge> = {};
  let count = 0;
  const split = (end: string): [NodeId, string] => {
    const dot = end.lastIndexOf('.');
    return [end.slice(0, dot) as NodeId, end.slice(dot + 1)];
  };
  const self: GraphSketch = {
    node(id, type, params = {}, more = {}) {
      nodes[id] = { type: `example.${type}`, version: type === 'crop' ? 3 : 1, params, ...more };
      return self;
    },
    wire(from, to, index) {
      const [source, output] = split(from);
      const [target, input] = split(to);
      edges[`e${++count}`] = { from: { node: source, output }, to: { node: target, input, ...(index === undefined ? {} : { index }) } };
      return self;
    },
    cut(from, to) {
      for (const [id, edge] of Object.entries(edges)) {
        if (`${edge.from.node}.${edge.from.output}` === from && `${edge.to.node}.${edge.to.input}` === to) delete edges[id];
      }
      return self;
    },
    document: () => ({
      ...emptyDocument(),
      nodes: nodes as Record<NodeId, GraphNode>,
      edges: edges as Record<EdgeId, GraphEdge>,
    }),
  };
  return self;
}

/** The usual graph: checkpoint, two texts, an empty latent, sampler, decode, save. */
export function textToImage(): GraphSketch {
  return sketch()
    .node('checkpoint', 'checkpoint', { model: 'tiny', config: null })
    .node('positive', 'encodeText', { prompt: 'a red apple' })
    .node('negative', 'encodeText', { prompt: '' })
    .node('empty', 'emptyLatent', { width: 64, height: 64, batch: 1 })
    .node('sampler', 'sampler', { seed: '42', steps: 20, guidance: 7.5, scheduler: 'auto' })
    .node('decode', 'decode')
    .node('save', 'saveImage', { name: 'apple' })
    .wire('checkpoint.textEncoder', 'positive.textEncoder')
    .wire('checkpoint.textEncoder', 'negative.textEncoder')
    .wire('checkpoint.model', 'empty.model')
    .wire('checkpoint.model', 'sampler.model')
    .wire('positive.conditioning', 'sampler.positive')
    .wire('negative.conditioning', 'sampler.negative')
    .wire('empty.latent', 'sampler.latent')
    .wire('checkpoint.vae', 'decode.vae')
    .wire('sampler.latent', 'decode.latent')
    .wire('decode.image', 'save.image');
}

/** A valid graph of about `size` nodes: pictures made in groups of six nodes, each blended into the next; as deep as it is long. */
export function largeGraph(size: number): GraphDocument {
  const graph = sketch().node('checkpoint', 'checkpoint', { model: 'tiny' }).node('start', 'loadImage', { path: 'start.png' });
  let last = 'start';
  for (let at = 0; at * 6 + 3 < size; at++) {
    graph
      .node(`text${at}`, 'encodeText', { prompt: `picture number ${at}` })
      .node(`empty${at}`, 'emptyLatent', { width: 64, height: 64, batch: 1 })
      .node(`sampler${at}`, 'sampler', { seed: String(at), steps: 20, guidance: 7.5, scheduler: 'auto' })
      .node(`decode${at}`, 'decode')
      .node(`blur${at}`, 'blur', { radius: 2, edges: 'wrap' })
      .node(`join${at}`, 'joinImages')
      .wire('checkpoint.textEncoder', `text${at}.textEncoder`)
      .wire('checkpoint.model', `empty${at}.model`)
      .wire('checkpoint.model', `sampler${at}.model`)
      .wire(`text${at}.conditioning`, `sampler${at}.positive`)
      .wire(`empty${at}.latent`, `sampler${at}.latent`)
      .wire('checkpoint.vae', `decode${at}.vae`)
      .wire(`sampler${at}.latent`, `decode${at}.latent`)
      .wire(`decode${at}.image`, `blur${at}.image`)
      .wire(`blur${at}.image`, `join${at}.images`, 0)
      .wire(`${last}.image`, `join${at}.images`, 1);
    last = `join${at}`;
  }
  return graph.node('save', 'saveImage', { name: 'all' }).wire(`${last}.image`, 'save.image').document();
}

/** Facts of a checkpoint as the example nodes may find them; its latents are SD 1.5's unless told otherwise. */
export function exampleModelFacts(more: Partial<ModelFacts> = {}): ModelFacts {
  return {
    name: 'tiny',
    label: 'Tiny',
    family: 'sd15',
    prediction: 'epsilon',
    space: { id: 'sd', label: 'SD 1.5', channels: 4, factor: 8 },
    inChannels: 4,
    conditioningWidth: 32,
    tokens: 77,
    encoderWidth: 32,
    nativeWidthPx: 64,
    nativeHeightPx: 64,
    fingerprint: 'tiny-1',
    ...more,
  };
}

/** Facts about files that are all there: one checkpoint, any picture of 64×48, one ControlNet. */
export const exampleFacts: Facts = {
  modelFacts: (reference) => ({ ok: true, value: exampleModelFacts({ fingerprint: `model-${JSON.stringify(reference)}` }) }),
  imageFacts: (path) => ({ ok: true, value: { widthPx: 64, heightPx: 48, channels: 3, fingerprint: `image-${path}` } }),
  addOnFacts: (kind, reference) => ({
    ok: true,
    value: { name: 'canny', family: 'sd15', conditioningWidth: 32, fingerprint: `${kind}-${JSON.stringify(reference)}` },
  }),
};
