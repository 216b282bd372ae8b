import { describe, expect, it } from 'vitest';
import { commandContract, sentenceOf } from '../../test/contracts/command-contract.ts';
import { sketch, textToImage } from '../../test/example-graphs.ts';
import { exampleRegistry as registry } from '../../test/example-nodes.ts';
import { unwrap } from '../../test/unwrap.ts';
import { type GraphDocument, nodeId } from '../document.ts';
import { commit, startEditing } from '../history.ts';
import { createIdSource } from '../id-source.ts';
import { connect } from './connect.ts';

const document = (): GraphDocument =>
  textToImage().node('number', 'number').node('blur', 'blur').node('photo', 'loadImage').node('join', 'joinImages').document();

function wire(from: string, to: string, graph = document(), index?: number) {
  const [source = '', output = ''] = from.split('.');
  const [target = '', input = ''] = to.split('.');
  return commit(startEditing(graph), 'Wire', (draft) =>
    connect(draft, {
      registry,
      ids: createIdSource(),
      from: { node: nodeId(source), output },
      to: { node: nodeId(target), input, ...(index === undefined ? {} : { index }) },
    }),
  );
}

commandContract('connect', {
  registry,
  document,
  command: (draft) =>
    connect(draft, {
      registry,
      ids: createIdSource(),
      from: { node: nodeId('photo'), output: 'image' },
      to: { node: nodeId('save'), input: 'image' },
    }),
});

describe('connecting', () => {
  it('draws a wire into an input or a parameter', () => {
    const { state, value } = unwrap(wire('decode.image', 'blur.image'));
    expect(value).toEqual({ edge: 'blur.image' });
    expect(state.document.edges).toMatchObject({
      'blur.image': { from: { node: 'decode', output: 'image' }, to: { node: 'blur', input: 'image' } },
    });
    expect(unwrap(wire('number.value', 'sampler.steps')).value).toEqual({ edge: 'sampler.steps' });
  });

  it('replaces the wire of an input that takes one, and leaves one that is there already', () => {
    const { state, value } = unwrap(wire('photo.image', 'save.image'));
    expect(value).toEqual({ edge: 'save.image', replaced: 'e10' });
    expect(Object.values(state.document.edges).filter((edge) => edge.to.node === 'save')).toHaveLength(1);
    expect(unwrap(wire('decode.image', 'save.image'))).toMatchObject({ value: { edge: 'e10' }, entry: undefined });
  });

  it('puts a wire among others where it is told, or last', () => {
    const two = sketch()
      .node('a', 'loadImage')
      .node('b', 'loadImage')
      .node('c', 'loadImage')
      .node('join', 'joinImages')
      .wire('a.image', 'join.images', 0)
      .wire('b.image', 'join.images', 1);
    const order = (graph: GraphDocument): string[] =>
      Object.values(graph.edges)
        .sort((x, y) => (x.to.index ?? 0) - (y.to.index ?? 0))
        .map((edge) => edge.from.node);
    expect(order(unwrap(wire('c.image', 'join.images', two.document())).state.document)).toEqual(['a', 'b', 'c']);
    expect(order(unwrap(wire('c.image', 'join.images', two.document(), 1)).state.document)).toEqual(['a', 'c', 'b']);
    expect(order(unwrap(wire('c.image', 'join.images', two.document(), 99)).state.document)).toEqual(['a', 'b', 'c']);
  });

  it('refuses circles', () => {
    expect(sentenceOf(wire('sampler.latent', 'sampler.latent'))).toContain('would close a circle');
    const loop = sketch()
      .node('a', 'blur')
      .node('b', 'blur')
      .node('c', 'blur')
      .wire('a.image', 'b.image')
      .wire('b.image', 'c.image')
      .document();
    expect(sentenceOf(wire('c.image', 'a.image', loop))).toBe(
      'Blur “c” depends on Blur “a” already, so a wire back to it would close a circle. Wire it elsewhere.',
    );
  });

  it('refuses sockets there are not and kinds that never fit', () => {
    expect(sentenceOf(wire('decode.picture', 'blur.image'))).toBe('VAE Decode “decode” has no output “picture”. Its outputs are image.');
    expect(sentenceOf(wire('decode.image', 'blur.imgae'))).toBe('Blur “blur” has no input “imgae”. Did you mean image?');
    expect(sentenceOf(wire('sampler.latent', 'blur.image'))).toBe(
      'Blur “blur”: its input Image wants image, and gets latent from Sampler “sampler”. Wire it to another socket.',
    );
    expect(sentenceOf(wire('decode.image', 'sampler.steps'))).toBe(
      'Sampler “sampler”: its parameter Steps wants number 1…1000, and gets image from VAE Decode “decode”. Wire it to another socket.',
    );
  });
});
