import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { unwrap } from '../../test/unwrap.ts';
import { combine } from '../conditioning/combine.ts';
import { attentionMaps } from '../sampling/attention-maps.ts';
import { sampler } from '../sampling/sampler.ts';
import type { ConditioningValue, IpAdapterValue, LatentValue, ModelValue } from '../socket-values.ts';
import { type Tensor, zeros } from '../tensor.ts';
import { struct } from '../types/socket-type.ts';
import { applyIpAdapter } from './apply-ip-adapter.ts';

const golden = fileURLToPath(new URL('../../test/golden/', import.meta.url));
let models: TestModels;
let model: ModelValue;
let text: ConditioningValue;
let ipAdapter: IpAdapterValue;
beforeAll(async () => {
  models = openTestModels();
  const opened = unwrap(await models.runtime.open(`${golden}onnx-folders/sd`, null));
  ({ model } = opened);
  text = unwrap(await models.runtime.encodeText(opened.textEncoder, { prompt: 'a fox', clipSkip: 0 }));
  ipAdapter = unwrap(await models.runtime.loadIpAdapter(`${golden}ip-adapter/for-sd-folder.safetensors`, null));
});
afterAll(() => models.close());

const image = gradientPicture(1, 3, 30, 41);

function example(params: Readonly<Record<string, unknown>> = {}, given: Tensor = image): NodeExample {
  return { inputs: { conditioning: text, ipAdapter, image: given }, params, models: models.runtime };
}

async function withPicture(params: Readonly<Record<string, unknown>> = {}, given: Tensor = image): Promise<ConditioningValue> {
  return (await outputsOf(applyIpAdapter, example(params, given)))['conditioning'] as ConditioningValue; // what the node declares
}

async function draw(positive: ConditioningValue, more: Readonly<Record<string, unknown>> = {}): Promise<Float32Array> {
  const latent: LatentValue = { kind: 'latent', samples: zeros([1, 4, 8, 8]), space: model.space };
  const inputs = { model, positive, negative: text, latent, ...more };
  const outputs = await outputsOf(sampler, { inputs, params: { steps: 3, guidance: 4 }, models: models.runtime });
  return (outputs['latent'] as LatentValue).samples.data; // what the sampler declares
}

nodeContract(applyIpAdapter, {
  examples: {
    'a picture': () => example(),
    'several grey pictures': () => example({ strength: 1.5, end: 0.5 }, gradientPicture(3, 1, 20, 9)),
  },
});

describe('Apply IP-Adapter', () => {
  it('makes another picture, and the plain one where it does not act', async () => {
    const plain = await draw(text);
    expect(await draw(await withPicture())).not.toEqual(plain);
    expect(await draw(await withPicture({ strength: 0 }))).toEqual(plain);
    // Of three steps, none lies in that window.
    expect(await draw(await withPicture({ start: 0.4, end: 0.6 }))).toEqual(plain);
    expect(await draw(await withPicture({}, gradientPicture(1, 3, 41, 30)))).not.toEqual(await draw(await withPicture()));
  });

  it('adds up with others, and looks at all pictures of a batch', async () => {
    const first = await withPicture({ strength: 0.4 });
    const again = { ...example({ strength: 0.3 }), inputs: { conditioning: first, ipAdapter, image } };
    const both = (await outputsOf(applyIpAdapter, again))['conditioning'] as ConditioningValue; // what the node declares
    expect(both.imagePrompts).toHaveLength(2);
    const [sum, once] = [await draw(both), await draw(await withPicture({ strength: 0.7 }))];
    expect(Math.max(...sum.map((value, at) => Math.abs(value - (once[at] ?? 0))))).toBeLessThan(1e-4);
    expect((await withPicture({}, gradientPicture(3, 3, 24, 24))).imagePrompts?.[0]?.tokens.shape).toEqual([1, 12, 8]);
  });

  it('goes together with watching attention', async () => {
    const positive = await withPicture();
    const latent: LatentValue = { kind: 'latent', samples: zeros([1, 4, 8, 8]), space: model.space };
    const inputs = { model, positive, negative: text, latent };
    const watched = await outputsOf(attentionMaps, { inputs, params: { steps: 3, guidance: 4 }, models: models.runtime });
    const { data } = (watched['latent'] as LatentValue).samples; // what the node declares
    const plain = await draw(positive);
    expect(Math.max(...data.map((value, at) => Math.abs(value - (plain[at] ?? 0))))).toBeLessThan(1e-3);
  });

  it('refuses what does not fit', async () => {
    const refusal = async (change: Readonly<Record<string, unknown>>, params = {}): Promise<string> => {
      const one = example(params);
      const { outcome } = await runExample(applyIpAdapter, { ...one, inputs: { ...one.inputs, ...change } });
      return outcome.ok ? 'accepted' : outcome.problem.message;
    };
    const xl = { ...ipAdapter, family: 'sdxl' };
    expect(await refusal({ ipAdapter: xl })).toContain('has an IP-Adapter for SDXL, and gets text for SD 1.5');
    expect(await refusal({ conditioning: { ...text, states: zeros([1, 3, 6]) } })).toContain(
      'for text 8 numbers wide, and gets text 6 wide',
    );
    expect(await refusal({ image: gradientPicture(1, 4, 8, 8) })).toContain('a picture with transparency');
    expect(await refusal({}, { start: 0.5, end: 0.5 })).toContain('it would never act');
  });

  it('is refused where it cannot act: a U-Net of another shape, ONNX graphs, the wrong text', async () => {
    const prompted = await withPicture();
    const problemOf = async (more: Readonly<Record<string, unknown>>): Promise<string> => {
      const latent: LatentValue = { kind: 'latent', samples: zeros([1, 4, 8, 8]), space: model.space };
      const inputs = { model, positive: prompted, negative: text, latent, ...more };
      const { outcome } = await runExample(sampler, { inputs, params: { steps: 1 }, models: models.runtime });
      return outcome.ok ? 'accepted' : outcome.problem.message;
    };
    expect(await problemOf({ positive: text, negative: prompted })).toContain('wire Apply IP-Adapter to Positive');
    const onnx = unwrap(await models.runtime.open(`${golden}onnx-folders/sd-onnx`, null));
    expect(await problemOf({ model: onnx.model })).toContain('IP-Adapters need its weights');
    const other = unwrap(await models.runtime.loadIpAdapter(`${golden}ip-adapter/base-sd.safetensors`, null));
    const size = { batch: 1, width: 8, height: 8, controlled: { residuals: false, features: false, images: [other.handle] } };
    expect(await models.runtime.openDenoiser(model, size)).toMatchObject({
      problem: { message: expect.stringContaining('base-sd was made for a U-Net that looks at texts 6 numbers wide in 4 places') },
    });
    const { outcome } = await runExample(combine, { inputs: { conditionings: [text, prompted] } });
    expect(outcome).toMatchObject({ problem: { message: expect.stringContaining('image prompts act on the whole picture') } });
  });
});

describe('what Apply IP-Adapter says before a run', () => {
  it('names families and widths that differ', () => {
    const refusals = (
      adapter: Parameters<typeof struct<'ipAdapter'>>[1],
      conditioning: Parameters<typeof struct<'conditioning'>>[1],
    ): string[] => {
      const said: string[] = [];
      const inputs = { ipAdapter: struct('ipAdapter', adapter), conditioning: struct('conditioning', conditioning) };
      applyIpAdapter.outputTypes?.(
        inputs,
        { start: 0, end: 1 },
        {
          title: 'Apply IP-Adapter',
          sourceTitle: () => 'Text Encoder',
          refuse: (socket, message) => said.push(`${socket}: ${message}`),
          warn: () => undefined,
          modelFacts: () => undefined,
          imageFacts: () => undefined,
          addOnFacts: () => undefined,
        },
      );
      return said;
    };
    expect(refusals({ family: 'sdxl', dim: 2048 }, { family: 'sd15', dim: 768 })).toEqual([
      'conditioning: Apply IP-Adapter has an IP-Adapter for SDXL, and Text Encoder gives text for SD 1.5. Choose an IP-Adapter that was made for the model’s family.',
    ]);
    expect(refusals({ dim: 1024 }, { family: 'custom', dim: 384 })[0]).toContain('1024 numbers wide, and Text Encoder gives text 384 wide');
    expect(refusals({ family: 'sd15', dim: 768 }, { family: 'sd15', dim: 768 })).toEqual([]);
  });
});
