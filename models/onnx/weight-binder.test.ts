import { describe, expect, it } from 'vitest';
import type { TensorSource, WeightSource } from '../weights.ts';
import { GraphBuilder } from './graph-builder.ts';
import { WeightBinder } from './weight-binder.ts';

const plain: TensorSource = { path: '/models/a.safetensors', dtype: 'F16', shape: [4, 2], byteOffset: 100, byteLength: 16 };

function bind(tensors: Readonly<Record<string, TensorSource>>, spellings?: (name: string) => string[]) {
  const source: WeightSource = { get: (name) => tensors[name], names: () => Object.keys(tensors) };
  const graph = new GraphBuilder('bound');
  return { graph, weights: new WeightBinder(graph, source, spellings) };
}

describe('WeightBinder', () => {
  it('points at the bytes in the file and widens what is not float32', () => {
    const { graph, weights } = bind({ half: plain, full: { ...plain, dtype: 'F32', byteLength: 32 } });
    weights.tensor('half', [4, 2]);
    weights.tensor('full', [4, 2]);
    const { initializers, nodes } = graph.build();
    expect(initializers).toMatchObject([
      { name: 'half', type: 'float16', data: { location: 'models/a.safetensors', byteOffset: 100, byteLength: 16 } },
      { name: 'full', type: 'float32', data: { byteLength: 32 } },
    ]);
    expect(nodes.map(({ operator }) => operator)).toEqual(['Cast']);
    expect(weights).toMatchObject({ problem: undefined, folder: '/' });
  });

  it('binds a weight once, however often it is asked for', () => {
    const { graph, weights } = bind({ shared: plain });
    expect(weights.tensor('shared', [4, 2])).toBe(weights.matrix('shared', 4, 2).value);
    expect(graph.build().initializers).toHaveLength(1);
  });

  it('takes axes of size one as it needs them', () => {
    const { graph, weights } = bind({ kernel: plain });
    weights.tensor('kernel', [4, 2, 1, 1]);
    expect(graph.build().initializers[0]?.shape).toEqual([4, 2, 1, 1]);
  });

  it('takes rows out of the middle', () => {
    const { graph, weights } = bind({ table: plain });
    weights.rows('table', [4, 2], 1, 3);
    expect(graph.build().initializers[0]).toMatchObject({ shape: [2, 2], data: { byteOffset: 104, byteLength: 8 } });
  });

  it('looks rows up before it widens them', () => {
    const { graph, weights } = bind({ half: plain, bfloat: { ...plain, dtype: 'BF16' } });
    const indices = graph.input('ids', 'int32', ['n']);
    weights.lookUp('half', [4, 2], indices, 'rows');
    expect(graph.build().nodes.map(({ operator }) => operator)).toEqual(['Gather', 'Cast']);
    weights.lookUp('bfloat', [4, 2], indices, 'others');
    expect(graph.build().nodes.map(({ operator }) => operator)).toEqual(['Cast', 'Gather', 'Cast', 'Gather']);
    weights.lookUp('half', [5, 2], indices, 'wrong');
    expect(weights.problem).toMatchObject({ code: 'model.wrongShape' });
  });

  it('finds a tensor under any of its spellings, the first that is there', () => {
    const { weights } = bind({ 'old.name': plain }, (name) => [name, `old.${name}`]);
    weights.tensor('name', [4, 2]);
    expect(weights.problem).toBeUndefined();
  });

  const refusals: [string, TensorSource | undefined, readonly number[], string, RegExp][] = [
    ['is missing', undefined, [4, 2], 'model.missingTensor', /no tensor w, which should have shape \[4, 2\]/],
    ['has another shape', plain, [2, 4], 'model.wrongShape', /should have shape \[2, 4\] by the config.*holds \[4, 2\]/],
    ['has more axes', { ...plain, shape: [4, 2, 3], byteLength: 48 }, [4, 2], 'model.wrongShape', /holds \[4, 2, 3\]/],
    ['is no float', { ...plain, dtype: 'I32', byteLength: 32 }, [4, 2], 'model.unsupported', /stored as I32; weights are read as F32, F16/],
    ['is cut short', { ...plain, byteLength: 15 }, [4, 2], 'model.damaged', /has 15 bytes.*F16 \[4, 2\]/],
    ['is longer than it says', { ...plain, byteLength: 32 }, [4, 2], 'model.damaged', /has 32 bytes/],
  ];
  it.each(refusals)('says so where a weight %s', (_, source, shape, code, message) => {
    for (const ask of ['tensor', 'matrix', 'rows'] as const) {
      const { graph, weights } = bind(source === undefined ? {} : { w: source });
      const [rows = 0, columns = 0] = shape;
      if (ask === 'tensor') weights.tensor('w', shape);
      else if (ask === 'matrix') weights.matrix('w', rows, columns);
      else weights.rows('w', shape, 0, 1);
      expect(weights.problem).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(graph.build().initializers).toEqual([]);
    }
  });

  it('tells how many more do not fit', () => {
    const { weights } = bind({ w: plain });
    for (const name of ['a', 'b', 'c']) weights.tensor(name, [1]);
    expect(weights.problem?.message).toMatch(/^The weights have no tensor a,.* 2 more tensors do not fit either\.$/);
    const one = bind({});
    for (const name of ['a', 'b']) one.weights.tensor(name, [1]);
    expect(one.weights.problem?.message).toMatch(/ 1 more tensor does not fit either\.$/);
  });
});
