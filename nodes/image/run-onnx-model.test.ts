import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAddOnFacts } from '../../host/add-on-facts.ts';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { float32Of, readSafetensorsFile } from '../../test/fixtures-reader.ts';
import { differenceOf } from '../../test/golden/run-graph.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { type SocketType, struct } from '../types/socket-type.ts';
import { runOnnxModel } from './run-onnx-model.ts';

const folder = fileURLToPath(new URL('../../test/golden/onnx-folders/', import.meta.url));
const recorded = readSafetensorsFile(`${folder}nets/expected.safetensors`);
const picture = tensor(float32Of(recorded, 'in'), [2, 3, 24, 16]);
let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

async function example(net: string, image: Tensor, params: Readonly<Record<string, unknown>> = {}): Promise<NodeExample> {
  const model = `${folder}${net}`;
  const facts = await readAddOnFacts('onnx', model);
  return { inputs: { image }, params: { model, ...params }, models: models.runtime, facts: { addOnFacts: () => facts } };
}

const depth = { takes: 'bytes', gives: 'stretch' };

nodeContract(runOnnxModel, {
  examples: {
    'a network of any size': () => example('nets/upscale-x2.onnx', picture),
    'one of one size that gives a grey picture': () => example('nets/depth-24x16.onnx', picture, depth),
    'channels behind the pixels': () => example('nets/rows-last.onnx', gradientPicture(1, 3, 7, 9)),
    'a grey picture': () => example('nets/upscale-x2.onnx', gradientPicture(1, 1, 6, 5), { takes: 'signed', gives: 'signed' }),
    'an output by name': () => example('nets/depth-24x16.onnx', picture, { ...depth, output: 'depth' }),
    'one that nothing is known of': async () => ({ ...(await example('nets/rows-last.onnx', picture)), facts: {} }),
  },
});

describe('Run ONNX Model', () => {
  const run = async (net: string, params: Readonly<Record<string, unknown>> = {}): Promise<Tensor> => {
    const { image } = await outputsOf(runOnnxModel, await example(net, picture, params));
    return image as Tensor; // what the node declares
  };
  const cut = (value: number): number => Math.min(1, Math.max(0, value));

  it('gives what torch gives, whatever the order of axes', async () => {
    for (const [net, output] of [
      ['nets/upscale-x2.onnx', 'out/upscale-x2'],
      ['nets/rows-last.onnx', 'out/rows-last'],
    ] as const) {
      expect(differenceOf((await run(net)).data, float32Of(recorded, output).map(cut))).toBeLessThanOrEqual(1e-5);
    }
  });

  it('takes and gives numbers in the range that is said', async () => {
    const want = float32Of(recorded, 'out/depth-24x16');
    const each = want.length / 2;
    const stretched = [0, 1].flatMap((index) => {
      const part = want.slice(index * each, (index + 1) * each);
      const [least, most] = [Math.min(...part), Math.max(...part)];
      return [...part.map((value) => (value - least) / (most - least))];
    });
    const got = await run('nets/depth-24x16.onnx', depth);
    expect(got.shape).toEqual([2, 1, 24, 16]);
    expect(differenceOf(got.data, Float32Array.from(stretched))).toBeLessThanOrEqual(1e-4);
    const bytes = await run('nets/depth-24x16.onnx', { takes: 'bytes', gives: 'bytes' });
    expect(
      differenceOf(
        bytes.data,
        want.map((value) => cut(value / 255)),
      ),
    ).toBeLessThanOrEqual(1e-4);
  });

  it('refuses what does not fit, and says what does', async () => {
    const refusal = async (net: string, image: Tensor, params = {}): Promise<string> => {
      const { outcome } = await runExample(runOnnxModel, await example(net, image, params));
      return outcome.ok ? 'accepted' : outcome.problem.message;
    };
    expect(await refusal('nets/depth-24x16.onnx', gradientPicture(1, 3, 24, 20))).toContain(
      'takes pictures of 16×24 pixels, and gets one of 20×24',
    );
    expect(await refusal('nets/upscale-x2.onnx', gradientPicture(1, 4, 8, 8))).toContain('a picture with transparency');
    expect(await refusal('nets/upscale-x2.onnx', picture, { output: 'mask' })).toContain('has no output mask; it gives output (');
    expect(await refusal('sd-onnx/unet/model.onnx', picture)).toContain(
      'takes sample (batch×channels×height×width, float32), timestep (batch, float32)',
    );
    expect(await refusal('nets/expected.safetensors', picture)).toContain('is a safetensors file, but an ONNX model is wanted');
    expect(await refusal('nets/upscale-x2.onnx', picture, { model: null })).toContain('has no network to open');
  });
});

it('passes on in a sentence what onnxruntime does not understand', async () => {
  const place = await mkdtemp(join(tmpdir(), 'emulsion-onnx-'));
  try {
    const bytes = await readFile(`${folder}nets/upscale-x2.onnx`);
    const at = bytes.indexOf('DepthToSpace');
    bytes.write('DeepToSpaces', at);
    const path = join(place, 'newer.onnx');
    await writeFile(path, bytes);
    const { outcome } = await runExample(runOnnxModel, { inputs: { image: picture }, params: { model: path }, models: models.runtime });
    expect(outcome).toMatchObject({
      problem: { code: 'model.damaged', message: expect.stringMatching(/cannot open the network newer\.onnx: .*DeepToSpaces/) },
    });
  } finally {
    await rm(place, { recursive: true });
  }
});

describe('what Run ONNX Model says before a run', () => {
  const infer = async (net: string, image: SocketType) => {
    const said: string[] = [];
    const facts = await readAddOnFacts('onnx', `${folder}${net}`);
    const types = runOnnxModel.outputTypes?.(
      { image },
      { model: net, takes: 'auto', gives: 'auto', output: null },
      {
        title: 'Run ONNX Model',
        sourceTitle: () => 'Load Image',
        refuse: (socket, message) => said.push(`${socket}: ${message}`),
        warn: () => undefined,
        modelFacts: () => undefined,
        imageFacts: () => undefined,
        addOnFacts: () => facts,
      },
    );
    return { said, image: types?.['image'] };
  };

  it('reads sizes and channels from the file', async () => {
    const fixed = await infer('nets/depth-24x16.onnx', struct('image', { width: 16, height: 24, batch: 2 }));
    expect(fixed).toEqual({ said: [], image: struct('image', { width: 16, height: 24, channels: 1, batch: 2 }) });
    const open = await infer('nets/upscale-x2.onnx', struct('image', { width: 16, height: 24 }));
    expect(open).toEqual({ said: [], image: struct('image', { channels: 3 }) });
  });

  it('refuses another size than the network is fixed to', async () => {
    const { said } = await infer('nets/depth-24x16.onnx', struct('image', { width: 512, height: 24 }));
    expect(said).toEqual([
      'image: Run ONNX Model has depth-24x16.onnx, which takes pictures 16 pixels wide, and Load Image gives one 512 wide. Put a Resize Image before it.',
    ]);
  });
});
