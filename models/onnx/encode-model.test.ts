import { describe, expect, it } from 'vitest';
import { runGraph } from '../../test/golden/run-graph.ts';
import { readOnnx } from '../../test/read-onnx.ts';
import { encodeModel } from './encode-model.ts';
import { GraphBuilder } from './graph-builder.ts';

describe('encodeModel', () => {
  it('writes every kind of field so that it is read back as it was', () => {
    const graph = new GraphBuilder('täst');
    const x = graph.input('x', 'float32', ['batch', 3, 0]);
    const weight = graph.external('weight', 'bfloat16', [3, 5], {
      kind: 'external',
      location: 'a folder/ü.safetensors',
      byteOffset: 2 ** 40,
      byteLength: 30,
    });
    const wide = graph.firstNode('Cast', [weight], 'weight/float32', { attributes: { to: 1 } });
    const y = graph.node('Op', [x, undefined, wide], 'block.0', {
      domain: 'com.microsoft',
      attributes: { one: -7, many: [0, -1, 2 ** 33], none: [], text: 'nearest', real: { float: 0.1 } },
    });
    const [left, right] = graph.nodeWithOutputs('Split', [y], 'parts', 2);
    if (left === undefined || right === undefined) throw new Error('two parts');
    graph.node('Add', [left, graph.float32([1.5, -0], [])], 'sum');
    graph.output(right, 'out', 'float32', ['batch', 5]);
    const model = readOnnx(encodeModel(graph.build()));

    expect(model).toMatchObject({ irVersion: 10n, producer: 'emulsion', name: 'täst', operatorSets: { '': 21n, 'com.microsoft': 1n } });
    expect(model.inputs).toEqual([{ name: 'x', type: 1, shape: ['batch', 3n, 0n] }]);
    expect(model.outputs).toEqual([{ name: 'out', type: 1, shape: ['batch', 5n] }]);
    expect(model.nodes.map(({ operator }) => operator)).toEqual(['Cast', 'Op', 'Split', 'Add', 'Identity']);
    expect(model.nodes[1]).toEqual({
      name: 'block.0',
      operator: 'Op',
      domain: 'com.microsoft',
      inputs: ['x', '', 'weight/float32'],
      outputs: ['block.0'],
      attributes: { one: -7n, many: [0n, -1n, 2n ** 33n], none: [], text: 'nearest', real: Math.fround(0.1) },
    });
    expect(model.nodes[2]?.outputs).toEqual(['parts.0', 'parts.1']);
    expect(model.initializers[0]).toEqual({
      name: 'weight',
      type: 16,
      shape: [3n, 5n],
      bytes: undefined,
      external: { location: 'a folder/ü.safetensors', offset: String(2 ** 40), length: '30' },
    });
    expect(model.initializers[1]).toMatchObject({
      type: 1,
      shape: [],
      external: {},
      bytes: new Uint8Array(Float32Array.of(1.5, -0).buffer),
    });
  });

  it('writes what onnxruntime runs, names as given', async () => {
    const builder = new GraphBuilder('small');
    const x = builder.input('a strange name: 日本', 'float32', ['n']);
    builder.output(builder.node('Mul', [x, builder.float32([3], [])], 'same'), 'same', 'float32', ['n']);
    const graph = builder.build();
    const [output] = graph.outputs;
    const built = { bytes: encodeModel(graph), externalDataFolder: '/', inputs: graph.inputs, outputs: graph.outputs };
    const got = await runGraph(built, { 'a strange name: 日本': { data: Float32Array.of(1, -2), shape: [2] } });
    expect(got).toEqual({ [output?.name ?? '']: Float32Array.of(3, -6) });
  });
});

describe('GraphBuilder', () => {
  it('gives equal constants once and different ones apart', () => {
    const graph = new GraphBuilder('constants');
    const first = graph.int64([1, 2]);
    expect(graph.int64([1, 2])).toBe(first);
    expect(graph.int64([1, 2], [2, 1])).not.toBe(first);
    expect(graph.int32([1, 2])).not.toBe(first);
    expect(graph.float32([0], [])).not.toBe(graph.float32([-0], []));
    expect(graph.build().initializers).toHaveLength(5);
  });

  it('keeps names apart, also those that look like its own numbering', () => {
    const graph = new GraphBuilder('names');
    const x = graph.input('x', 'float32', []);
    const names = ['y#2', 'y', 'y', 'y', 'x'].map((name) => graph.node('Identity', [x], name).name);
    expect(new Set([...names, 'x']).size).toBe(6);
  });
});
