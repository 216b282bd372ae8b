import { describe, expect, it } from 'vitest';
import { fixturesRoot } from '../../test/fixtures-reader.ts';
import { optimiseGraph } from '../../test/golden/run-graph.ts';
import { type ReadNode, readOnnx } from '../../test/read-onnx.ts';
import { unwrap } from '../../test/unwrap.ts';
import { openCheckpoint } from '../checkpoint/open-checkpoint.ts';
import type { BuildOptions } from '../onnx/build-options.ts';
import type { LoadingMode } from '../onnx/session-options.ts';
import { buildAutoencoderKlDecoder } from './autoencoder-kl.ts';
import { parseAutoencoderKlConfig } from './autoencoder-kl-config.ts';
import type { BuiltGraph } from './built-graph.ts';
import { buildClipText } from './clip-text.ts';
import { parseClipTextConfig } from './clip-text-config.ts';
import { buildUnet2dCondition } from './unet-2d-condition.ts';
import { parseUnet2dConditionConfig } from './unet-2d-condition-config.ts';

const size = { height: 8, width: 8 };

async function writeAll(device: BuildOptions): Promise<Record<'unet' | 'decoder' | 'text', BuiltGraph>> {
  const { unet, vae, textEncoders } = unwrap(await openCheckpoint(`${fixturesRoot()}pipelines/inpaint-tiny`));
  const [text] = textEncoders;
  if (text === undefined) throw new Error('the pipeline has a text encoder');
  const clip = unwrap(parseClipTextConfig(text.config));
  return {
    unet: unwrap(buildUnet2dCondition(unwrap(parseUnet2dConditionConfig(unet.config)), unet.weights, size, device)),
    decoder: unwrap(buildAutoencoderKlDecoder(unwrap(parseAutoencoderKlConfig(vae.config)), vae.weights, size, device)),
    text: unwrap(buildClipText(clip, text.weights, { states: [{ layer: clip.layers, norm: true }] }, device)),
  };
}

/** Which node makes each value. */
function makersOf(nodes: readonly ReadNode[]): Map<string, ReadNode> {
  return new Map(nodes.flatMap((node) => node.outputs.map((output): [string, ReadNode] => [output, node])));
}

/** How often each operator is there once onnxruntime has optimised a graph. */
async function countOptimised(built: BuiltGraph, mode: LoadingMode): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { operator } of readOnnx(await optimiseGraph(built, mode)).nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  return counts;
}

describe('the graphs that are written', async () => {
  const graphs = Object.entries(await writeAll({ device: 'cpu' })).map(([name, built]) => ({ name, built, model: readOnnx(built.bytes) }));

  it.each(graphs)(
    'widen every weight before all else, so that each is widened just before its use: $name',
    ({ model: { nodes, initializers } }) => {
      const tables = new Set(nodes.filter(({ operator }) => operator === 'Gather').map(({ inputs }) => inputs[0]));
      const outside = initializers.filter(({ name, external }) => 'location' in external && !tables.has(name));
      const first = nodes.findIndex(({ operator }) => operator !== 'Cast');
      expect(first).toBe(outside.length);
      const stored = new Set(outside.map(({ name }) => name));
      expect(nodes.slice(first).filter(({ inputs }) => inputs.some((input) => stored.has(input)))).toEqual([]);
    },
  );

  it.each(graphs)('write linear layers as one product that reads the weights as they lie: $name', ({ model: { nodes } }) => {
    const makers = makersOf(nodes);
    expect(nodes.filter(({ operator }) => operator === 'Gemm')).toEqual([]);
    expect(nodes.filter(({ operator, inputs }) => operator === 'Transpose' && /weight/.test(inputs[0] ?? ''))).toEqual([]);
    const linear = nodes.filter(({ operator }) => operator === 'FusedMatMul');
    expect(linear.length).toBeGreaterThan(3);
    for (const { inputs, attributes } of linear) {
      expect(makers.get(inputs[1] ?? '')?.operator).toBe('Cast');
      expect(attributes['transB']).toBe(1n);
    }
  });

  it('write linear layers of other devices in plain operators', async () => {
    const { nodes } = readOnnx((await writeAll({ device: 'webgpu' })).unet.bytes);
    const makers = makersOf(nodes);
    expect(nodes.filter(({ operator }) => ['FusedMatMul', 'MultiHeadAttention'].includes(operator))).toEqual([]);
    const turned = nodes.filter(({ operator, inputs }) => operator === 'Transpose' && makers.get(inputs[0] ?? '')?.operator === 'Cast');
    expect(turned.length).toBeGreaterThan(3);
    const linear = nodes.filter(({ operator, inputs }) => operator === 'MatMul' && makers.get(inputs[1] ?? '')?.name.includes('weight'));
    expect(linear.length).toBe(turned.length);
    for (const { inputs } of linear) expect(makers.get(inputs[1] ?? '')?.operator).toBe('Transpose');
  });

  it.each(graphs)('keep no weight inside, only small constants: $name', ({ model: { initializers } }) => {
    const inside = initializers.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
    expect(inside).toBeLessThan(32 * 1024);
  });

  it('write SiLU as one operator and group norms by way of instance norms', () => {
    const nodes = graphs.find(({ name }) => name === 'unet')?.model.nodes ?? [];
    const quick = nodes.filter(({ operator }) => operator === 'QuickGelu');
    expect(quick.length).toBeGreaterThan(10);
    expect(new Set(quick.map(({ attributes }) => attributes['alpha']))).toEqual(new Set([1]));
    expect(nodes.map(({ operator }) => operator)).not.toContain('Sigmoid');
    expect(nodes.map(({ operator }) => operator)).not.toContain('GroupNormalization');
  });

  it('have one name a value', () => {
    for (const { model } of graphs) {
      const outputs = model.nodes.flatMap((node) => node.outputs);
      expect(new Set(outputs).size).toBe(outputs.length);
    }
  });

  it.each(graphs)('stay as they are when streaming, with every weight read in place by its product: $name', async ({ built, model }) => {
    const counts = await countOptimised(built, 'streaming');
    const weighted = (operator: string) => model.nodes.filter((node) => node.operator === operator).length;
    expect(counts.get('Cast')).toBe(weighted('Cast'));
    expect(counts.get('Conv') ?? 0).toBe(weighted('Conv'));
    expect(counts.get('FusedMatMul') ?? 0).toBe(weighted('FusedMatMul'));
  });

  it.each(graphs)('have their weights widened and turned at opening when resident: $name', async ({ built }) => {
    const counts = await countOptimised(built, 'resident');
    // What is left widens the rows that were looked up in a table.
    expect(counts.get('Cast') ?? 0).toBe(counts.get('Gather') ?? 0);
    expect(counts.get('FusedMatMul')).toBeGreaterThan(0);
  });
});
