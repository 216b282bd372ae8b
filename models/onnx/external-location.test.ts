import { link, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensor } from '../../nodes/tensor.ts';
import { runGraph, weightsOf } from '../../test/golden/run-graph.ts';
import { unwrap } from '../../test/unwrap.ts';
import type { WeightSource } from '../weights.ts';
import { writeSafetensors } from '../write-safetensors.ts';
import { encodeModel } from './encode-model.ts';
import { externalLocation } from './external-location.ts';
import { GraphBuilder } from './graph-builder.ts';
import { matMul, transpose } from './operators.ts';
import type { LoadingMode } from './session-options.ts';
import { WeightBinder } from './weight-binder.ts';

const MODES: readonly LoadingMode[] = ['streaming', 'resident'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-external-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function writeWeights(name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  unwrap(await writeSafetensors(path, { padding: tensor(new Float32Array(3), [3]), w: tensor(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]) }));
  return path;
}

/** [1, 10] times whatever `write` makes of the weights. */
async function run(
  source: WeightSource,
  mode: LoadingMode,
  write: (graph: GraphBuilder, weights: WeightBinder) => { name: string },
): Promise<number[]> {
  const builder = new GraphBuilder('product');
  const weights = new WeightBinder(builder, source);
  const x = builder.input('x', 'float32', [1, 2]);
  builder.output(matMul(builder, 'product', x, write(builder, weights)), 'y', 'float32', [1, 'n']);
  expect(weights.problem).toBeUndefined();
  const graph = builder.build();
  const built = { bytes: encodeModel(graph), externalDataFolder: weights.folder, inputs: graph.inputs, outputs: graph.outputs };
  const { y = new Float32Array() } = await runGraph(built, { x: { data: Float32Array.of(1, 10), shape: [1, 2] } }, mode);
  return [...y];
}

const turned = (graph: GraphBuilder, weights: WeightBinder) => transpose(graph, 'turned', weights.tensor('w', [3, 2]), [1, 0]);

describe('weights in a file of their own', () => {
  const names = ['plain.safetensors', 'with spaces/a b.safetensors', 'ünïcödé 日本/模型.safetensors', '100%20 #1?&"\'/x;y.safetensors'];
  it.each(names)('are read where they lie: %s', async (name) => {
    const source = await weightsOf(await writeWeights(name));
    for (const mode of MODES) expect(await run(source, mode, turned), mode).toEqual([21, 43, 65]);
  });

  it('are found by a path relative to the working folder', async () => {
    const path = await writeWeights('relative.safetensors');
    expect(await run(await weightsOf(relative(process.cwd(), path)), 'streaming', turned)).toEqual([21, 43, 65]);
  });

  it('are found behind links to files and folders, symbolic and hard', async () => {
    const path = await writeWeights('hub/blobs/0123abcd');
    await mkdir(join(folder, 'snapshots'));
    await symlink('../hub/blobs/0123abcd', join(folder, 'snapshots', 'model.safetensors'));
    await symlink(join(folder, 'snapshots'), join(folder, 'linked folder'));
    await link(path, join(folder, 'hard.safetensors'));
    for (const name of ['snapshots/model.safetensors', 'linked folder/model.safetensors', 'hard.safetensors']) {
      expect(await run(await weightsOf(join(folder, name)), 'streaming', turned), name).toEqual([21, 43, 65]);
    }
  });

  it('may be stored the other way round, as a matrix and as a tensor', async () => {
    const stored = await weightsOf(await writeWeights('transposed.safetensors'));
    const source: WeightSource = {
      ...stored,
      get(name) {
        const found = stored.get(name);
        return found && { ...found, transposed: true };
      },
    };
    for (const mode of MODES) {
      // Stored [3, 2]: a layer from three to two features, so that x has two where the stored matrix has columns.
      expect(await run(source, mode, (_, weights) => weights.tensor('w', [2, 3])), mode).toEqual([21, 43, 65]);
      const matrix = (graph: GraphBuilder, weights: WeightBinder) => {
        const { value, transposed } = weights.matrix('w', 2, 3);
        expect(transposed).toBe(true);
        return transpose(graph, 'turned', value, [1, 0]);
      };
      expect(await run(source, mode, matrix), mode).toEqual([21, 43, 65]);
    }
    expect(new WeightBinder(new GraphBuilder('rows'), source).rows('w', [2, 3], 0, 1)).toBeUndefined();
  });

  it('may be given in part', async () => {
    const source = await weightsOf(await writeWeights('part.safetensors'));
    const part = (graph: GraphBuilder, weights: WeightBinder) =>
      transpose(graph, 'turned', weights.rows('w', [3, 2], 1, 3) ?? { name: '' }, [1, 0]);
    for (const mode of MODES) expect(await run(source, mode, part), mode).toEqual([43, 65]);
  });
});

describe('externalLocation', () => {
  it('starts from the root (on Windows the drive), outside of which onnxruntime reads nothing', () => {
    const [root, path] = process.platform === 'win32' ? ['D:\\', 'a b\\c.safetensors'] : ['/', 'a b/c.safetensors'];
    expect(externalLocation(`${root}${path}`)).toEqual({ folder: root, location: path });
  });
});
